import { HydraError } from '@hydra/protocol'
import type { WordFilter } from '../words/word-filter.ts'

/** Texts that many read and nobody moderates must be clean. @throws HydraError `TEXT_REFUSED` with the path. */
export function refuseWords(
  words: Pick<WordFilter, 'isClean'>,
  texts: Readonly<Record<string, string | undefined>>,
): void {
  for (const [path, text] of Object.entries(texts)) {
    if (text === undefined || words.isClean(text)) continue
    throw new HydraError('TEXT_REFUSED', `The ${path} has words that are not allowed here; choose others.`, {
      metadata: { path },
    })
  }
}
