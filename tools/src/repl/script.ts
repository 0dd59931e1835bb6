import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Shell } from './shell.ts'
import { withoutSecrets } from './secrets.ts'
import { isOpenLine } from './words.ts'

/** How a script went. */
export interface ScriptOutcome {
  readonly lines: number
  readonly failed: number
}

/**
 * Runs the lines of a script one after the other, whether or not those before have failed. Shows each before what comes of
 * it, without its secrets.
 *
 * @example const { failed } = await runScript(process.stdin, shell, show)
 */
export async function runScript(
  input: Readable,
  shell: Shell,
  show: (text: string) => void,
): Promise<ScriptOutcome> {
  let [lines, failed] = [0, 0]
  let open = ''
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const whole = open === '' ? line : `${open}\n${line}`
    const isForReaders = /^\s*(#|$)/.test(whole)
    open = !isForReaders && isOpenLine(whole) ? whole : ''
    if (isForReaders || open !== '') continue
    show(`${shell.prompt}${withoutSecrets(whole)}`)
    lines++
    const outcome = await shell.run(whole)
    if (outcome === 'failed') failed++
    if (outcome === 'exit') break
  }
  if (open === '') return { lines, failed }
  show('The script ends inside of a quote or a bracket.')
  return { lines: lines + 1, failed: failed + 1 }
}
