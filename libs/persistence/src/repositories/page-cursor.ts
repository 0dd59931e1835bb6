import { HydraError } from '@hydra/protocol'

/** What a page ended with, as one text that callers hand back without looking inside. */
export const toCursor = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')

/** The text inside a cursor. @throws HydraError `BAD_REQUEST` for what {@link toCursor} did not make. */
export function fromCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  if (text === '' || toCursor(text) !== cursor) throw badCursor()
  return text
}

/** A cursor that no page gave. */
export const badCursor = (): HydraError =>
  new HydraError('BAD_REQUEST', 'The cursor is not one that a page before has given; begin without one.', {
    metadata: { path: 'cursor', expectation: '`next` of the page before' },
  })
