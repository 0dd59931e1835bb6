/** One value of a family at a scrape. */
export interface Sample {
  /** The family's name; for a histogram with `_bucket`, `_sum` or `_count` behind it. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric as a service exports it. */
export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const commentLine = /^# (HELP|TYPE) (\S+) (.*)$/
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/**
 * Reads the Prometheus text format.
 *
 * @throws Error that names the line that it cannot read.
 * @example parseExposition(await (await fetch('http://127.0.0.1:9101/metrics')).text()).get('hydra_build_info')
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>()
  const familyOf = (name: string) => {
    const family = families.get(name) ?? { name, type: '', help: '', samples: [] }
    families.set(name, family)
    return family
  }
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, keyword, of = '', rest = ''] = commentLine.exec(line) ?? []
    if (keyword === 'HELP') familyOf(of).help = unescape(rest)
    else if (keyword === 'TYPE') familyOf(of).type = rest
    else {
      const [, name, labels = '', value] = sampleLine.exec(line) ?? []
      if (name === undefined) throw new Error(`No line of the Prometheus text format: ${line}`)
      const base = name.replace(/_(bucket|sum|count)$/, '')
      const family = families.get(name) ?? familyOf(families.has(base) ? base : name)
      family.samples.push({ name, labels: parseLabels(labels), value: Number(value) })
    }
  }
  return families
}

const parseLabels = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(labelPair)].map(([, name = '', value = '']) => [name, unescape(value)]),
  )

const unescape = (text: string) =>
  text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
