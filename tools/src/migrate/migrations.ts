/** What can be done about the tables of a database. */
export const migrations = ['up', 'down', 'status'] as const
/** One of {@link migrations}. */
export type Migration = (typeof migrations)[number]

/** Whether a word is one of {@link migrations}. */
export const isMigration = (word: string): word is Migration => migrations.some((each) => each === word)
