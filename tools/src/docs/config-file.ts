import { unitOfKey, type ConfigKey } from '@hydra/runtime'
import { sectionsOf, type ConfiguredService, type SectionOfServices } from './config-services.ts'
import { tomlValue } from './toml-value.ts'

const columns = 120

/** The only values of the shipped files that are not the defaults: the user and password that docker-compose.yml makes. */
export const shippedValues: Readonly<Record<string, unknown>> = {
  'storage.mysqlUrl': 'mysql://hydra:hydra@127.0.0.1:3306/hydra',
}

/**
 * `data/conf/<service>server.toml`: every key with its default, those without one as a comment.
 *
 * @example configFile(gate, configuredServices)
 */
export function configFile(of: ConfiguredService, all: readonly ConfiguredService[]): string {
  const { service } = of
  const shared = sectionsOf(all).filter(({ services }) => services.length > 1)
  const isShared = ({ name }: SectionOfServices) =>
    shared.some((each) => each.name === name && has(each, service))
  const sections = sectionsOf([of])
  // What is the same everywhere comes last, except for the two short sections that everybody looks for.
  const first = sections.filter(({ name }) => name === 'service' || name === 'log')
  const own = sections.filter((section) => !isShared(section))
  const rest = sections.filter((section) => !first.includes(section) && !own.includes(section))
  return `${[header(of), ...[...first, ...own, ...rest].map(sectionText)].join('\n\n')}\n`
}

const has = ({ services }: SectionOfServices, service: string): boolean => services.includes(service)

function header({ service, about }: ConfiguredService): string {
  const prefix = `HYDRA_${service.toUpperCase()}`
  const exceptions = Object.keys(shippedValues).map((path) => path.split('.').at(-1))
  return [
    comment(`Configuration of the ${service} service: ${about}.`),
    '#',
    comment(
      `Every value here is the default, except for ${exceptions.join(', ')}, which is that of docker-compose.yml. A key ` +
        `keyName of [section] is overridden by the environment variable ${prefix}_SECTION_KEY_NAME, else by ` +
        `HYDRA_SECTION_KEY_NAME (for all services); lists are separated by commas. Another file: --config <file>, or ` +
        `${prefix}_CONFIG. A wrong or unknown key stops the start with exit code 78. Passwords and secrets belong into ` +
        `the environment, not into this file. docs/operations.md has the same as tables, with units and ranges.`,
    ),
    '#',
    comment(
      'Written by "npm run docs" from the schemas; copy it, or set variables, rather than edit it here.',
    ),
  ].join('\n')
}

const sectionText = ({ name, description, keys }: SectionOfServices): string =>
  [`${comment(description)}\n[${name}]`, ...keys.map((key) => keyText(name, key))].join('\n')

function keyText(section: string, key: ConfigKey): string {
  const { description, allowed, example } = key
  const saysUnit = key.unit === unitOfKey(key.key)
  const about = comment(
    [
      description,
      ...(saysUnit ? [] : [`In ${key.unit}.`]),
      ...(allowed.startsWith('"') ? [`One of ${allowed}.`] : []),
    ].join(' '),
  )
  const value = shippedValues[`${section}.${key.key}`] ?? key.default
  if (value !== undefined) return `${about}\n${key.key} = ${tomlValue(value, key.key)}`
  if (example === undefined) {
    throw new Error(
      `[${section}] ${key.key} has no default: give it .meta({ example }), before .describe(), for data/conf`,
    )
  }
  return `${about}\n# ${key.key} = ${tomlValue(example, key.key)}`
}

/** Sentences as lines of comment; the backticks of Markdown mean nothing there. */
function comment(text: string): string {
  const lines: string[] = []
  let line = '#'
  for (const word of text.replaceAll('`', '').split(' ')) {
    if (line.length + 1 + word.length > columns && line !== '#') {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...lines, line].join('\n')
}
