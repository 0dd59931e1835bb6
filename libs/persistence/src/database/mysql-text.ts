/**
 * Text as a literal in a statement for MySQL or MariaDB. The two characters that mean something inside the quotes are
 * escaped, and nothing else, so JSON is mostly copied as it is, where mysql2 looks at each quotation mark. Right for the
 * sessions of `mysql-pool.ts`: in utf8mb4, and without NO_BACKSLASH_ESCAPES.
 *
 * @example mysqlText(`Ann's`) // `'Ann\\'s'`
 */
export const mysqlText = (text: string): string =>
  `'${special.test(text) ? text.replaceAll(everySpecial, String.raw`\$&`) : text}'`

const special = /['\\]/
const everySpecial = /['\\]/g
