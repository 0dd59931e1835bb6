import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from './version.ts'

test.each(['../package.json', '../../../package.json'])('is the one of %s', async (path) => {
  const text = await readFile(join(import.meta.dirname, path), 'utf8')
  expect(JSON.parse(text)).toMatchObject({ version })
})
