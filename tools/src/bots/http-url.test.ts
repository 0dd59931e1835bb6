import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stateOf } from '../cluster/cluster-state.fixture.ts'
import { answers, defaultHttpUrl, localCluster } from './http-url.ts'

describe('where http answers', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hydra-http-url-'))
  })
  afterEach(() => rm(dir, { recursive: true }))
  const note = (text: string) => writeFile(join(dir, 'state.json'), text)

  it('is where the local cluster says', async () => {
    const url = 'http://127.0.0.1:21001'
    await note(JSON.stringify(stateOf({ httpUrl: url })))
    expect(defaultHttpUrl(await localCluster(dir))).toBe(url)
  })

  it.each(['', '{"httpUrl"', '{"httpUrl": 7}', 'null'])(
    'is the usual place when the note is %j',
    async (text) => {
      await note(text)
      expect(defaultHttpUrl(await localCluster(dir))).toBe('http://127.0.0.1:9001')
    },
  )

  it('is the usual place where no cluster was started', async () => {
    expect(defaultHttpUrl(await localCluster(join(dir, 'nowhere')))).toBe('http://127.0.0.1:9001')
  })

  it('does not answer where nothing is', async () => {
    expect(await answers('http://127.0.0.1:1')).toBe(false)
  })
})
