import { parseExposition } from '../observability/exposition.ts'

const answerTimeoutMs = 2_000

/** What `/metrics` says, as the sum over all labels of each name. */
export type Samples = ReadonlyMap<string, number>

/**
 * Reads the metrics of a service. Never rejects.
 *
 * @returns `undefined` when it does not answer in time
 * @example (await scrape('http://127.0.0.1:9101'))?.get('hydra_gate_connections')
 */
export async function scrape(opsUrl: string): Promise<Samples | undefined> {
  try {
    const response = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(answerTimeoutMs) })
    return response.ok ? parseSamples(await response.text()) : undefined
  } catch {
    return undefined
  }
}

/** Sums the samples of Prometheus' text form by name. @throws Error for what is no such text. */
export function parseSamples(text: string): Samples {
  const samples = new Map<string, number>()
  for (const family of parseExposition(text).values()) {
    for (const { name, value } of family.samples) samples.set(name, (samples.get(name) ?? 0) + value)
  }
  return samples
}
