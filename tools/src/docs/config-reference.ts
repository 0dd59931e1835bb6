import type { ConfigKey } from '@hydra/runtime'
import { sectionsOf, type ConfiguredService, type SectionOfServices } from './config-services.ts'
import { code, table } from './markdown.ts'
import { readableAmount } from './readable-amount.ts'
import { tomlValue } from './toml-value.ts'

const begin =
  '<!-- Written by `npm run docs` from the schemas of the services. Edit those, not what follows. -->'
const end = '<!-- End of what `npm run docs` writes. -->'

/**
 * The page with the part between its two marks written anew; what is around it stays.
 *
 * @throws Error when the page does not have both marks.
 */
export function withConfigReference(page: string, services: readonly ConfiguredService[]): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) {
    throw new Error(
      `docs/operations.md lacks the lines between which the reference belongs:\n${begin}\n${end}`,
    )
  }
  return `${page.slice(0, from)}${begin}\n\n${configReference(services)}\n\n${page.slice(to)}`
}

/** Every section of every service as a table: first those of several services, then those of each. */
export function configReference(services: readonly ConfiguredService[]): string {
  const sections = sectionsOf(services)
  const shared = sections.filter((each) => each.services.length > 1)
  const parts = ['### Sections of several services', ...shared.flatMap((each) => sectionPart(each, services))]
  for (const of of services) {
    const own = sections.filter((each) => each.services.length === 1 && each.services[0] === of.service)
    parts.push(`### Sections of ${of.service}`, ...own.flatMap((each) => sectionPart(each, services)))
  }
  // The formatter would align the columns, and with them change every line of a table with one long cell.
  return ['<!-- prettier-ignore-start -->', ...parts, '<!-- prettier-ignore-end -->'].join('\n\n')
}

function sectionPart(section: SectionOfServices, services: readonly ConfiguredService[]): string[] {
  const { name, description, keys } = section
  const [only, ...others] = section.services
  const isShared = others.length > 0
  const where = section.services.length === services.length ? 'All services' : inWords(section.services)
  const variants = isShared ? defaultsOf(section, services) : new Map<string, readonly unknown[]>()
  return [
    isShared ? `#### \`[${name}]\`` : `#### \`[${name}]\` of ${only ?? ''}`,
    isShared ? `${where}. ${description}` : description,
    table(
      ['key', 'default', 'unit', 'allowed', 'effect'],
      keys.map((key) => [
        code(key.key),
        defaultCell(key, variants.get(key.key), section.services),
        key.unit ?? '',
        key.allowed.startsWith('"') ? key.allowed.split(', ').map(code).join(', ') : key.allowed,
        key.description,
      ]),
    ),
  ]
}

/** The default of each service that has the section, for keys where they differ. */
function defaultsOf(
  { name, services }: SectionOfServices,
  all: readonly ConfiguredService[],
): ReadonlyMap<string, readonly unknown[]> {
  const values = new Map<string, unknown[]>()
  for (const of of all.filter(({ service }) => services.includes(service))) {
    for (const key of sectionsOf([of]).find((each) => each.name === name)?.keys ?? []) {
      values.set(key.key, [...(values.get(key.key) ?? []), key.default])
    }
  }
  return new Map(
    [...values].filter(([, each]) => new Set(each.map((value) => JSON.stringify(value))).size > 1),
  )
}

function defaultCell(
  key: ConfigKey,
  differing: readonly unknown[] | undefined,
  services: readonly string[],
): string {
  const written = (value: unknown) => code(tomlValue(value, key.key))
  if (differing !== undefined) {
    return differing.map((value, i) => `${written(value)} (${services[i] ?? ''})`).join(', ')
  }
  if (key.default === undefined) return key.defaultText ?? 'absent'
  const readable = readableAmount(key.default, key.unit)
  return readable === undefined ? written(key.default) : `${written(key.default)} (${readable})`
}

function inWords(names: readonly string[]): string {
  const text = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
