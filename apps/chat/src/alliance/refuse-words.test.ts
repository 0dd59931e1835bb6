import { expect, it } from 'vitest'
import { refuseWords } from './refuse-words.ts'

const words = { isClean: (text: string) => !text.includes('bad') }

it('names the text that has words that are not allowed', () => {
  expect(() => refuseWords(words, { name: 'Good', description: 'a bad one', notice: undefined })).toThrow(
    expect.objectContaining({ code: 'TEXT_REFUSED', metadata: { path: 'description' } }),
  )
  refuseWords(words, { name: 'Good', notice: undefined })
})
