import type { MetricDescription } from '@hydra/runtime'

/** What a metric can be about. A new one is added here first, so that `bag` and `bags` do not both come up. */
const areas = [
  'build',
  'bus',
  'chat',
  'database',
  'event_log',
  'game',
  'gate',
  'http',
  'mysql',
  'nats',
  'process',
  'redis',
  'registry',
  'role_queue',
  'rpc',
  'scene',
  'service',
  'topic',
  'tracing',
]

const shape = new RegExp(`^hydra_(${areas.join('|')})(?!_total$)(_[a-z]+)+$`)

/** Units that are no base unit, and endings that the text format or a reader takes for something else. */
const misleading =
  /_(ms|millis|milliseconds|micros|us|minutes|hours|days|kb|mb|kib|mib|percent|size|length|sum|count|bucket|number)(_total)?$/

/** What a histogram can measure: a base unit, or things that are counted. */
const measured = /_(seconds|bytes|roles|frames|messages)$/

/**
 * What is wrong with the name, help and labels of a metric of Hydra; empty when nothing is. The rule:
 * `hydra_<area>_<what>[_<unit>]`, base units, `_total` behind counters and behind nothing else, a sentence of help.
 */
export function complaints({ name, type, help, labels }: MetricDescription): readonly string[] {
  const found: string[] = []
  if (!shape.test(name)) found.push('is not hydra_<area>_<what>[_<unit>] with a known area')
  if (misleading.test(name)) found.push('ends in what is no base unit, or means something else to Prometheus')
  if ((type === 'counter') !== name.endsWith('_total'))
    found.push('ends in _total if it is a counter, only then')
  if (type === 'histogram' && !measured.test(name)) found.push('does not end in what it measures')
  if (!/^[A-Z0-9].*\.$/.test(help)) found.push('has no sentence of help')
  for (const label of labels)
    if (!/^[a-z]+$/.test(label)) found.push(`has the label ${label}, not one plain word`)
  return found
}

/** The unit of a metric by its name: `seconds`, `bytes`, or empty for what is counted or true. */
export function unitOf(name: string): 'seconds' | 'bytes' | '' {
  const [, unit] = /_(seconds|bytes)(_total)?$/.exec(name) ?? []
  return unit === 'seconds' || unit === 'bytes' ? unit : ''
}
