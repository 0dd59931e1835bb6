import { testBackends, uniqueName } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedStorageKinds, type SharedStorage } from '../test-support/alliance-backends.ts'
import { tellAllianceStories, type Reached } from '../test-support/alliance-stories.ts'
import { AllianceWorld, StoryClock } from '../test-support/alliance-world.ts'

const kinds = sharedStorageKinds({ ...testBackends(), uniqueName })

describe.each(kinds)('alliances on $name storage', ({ name, open }) => {
  const clock = new StoryClock()
  let shared: SharedStorage
  let storages: Awaited<ReturnType<typeof AllianceWorld.openStorages>>
  beforeAll(async () => {
    shared = await open(clock)
    storages = await AllianceWorld.openStorages(shared, 2)
  })
  afterAll(() => shared.close())

  const times = (reached: Reached, what: string) => reached.get(what) ?? 0

  it('answer what the contract says, one request after the other', { timeout: 240_000 }, async () => {
    const title = `${name}-sequential`
    const reached = await tellAllianceStories({ title, kind: 'sequential', stories: 25, storages, clock })
    const answers = ['create ok', 'apply joined', 'apply applied', 'accept ok', 'invite joined', 'approve ok']
    for (const answer of answers) expect([answer, times(reached, answer) > 0]).toEqual([answer, true])
  })

  it('keep their rules whoever does what at the same time', { timeout: 240_000 }, async () => {
    const title = `${name}-concurrent`
    const reached = await tellAllianceStories({ title, kind: 'concurrent', stories: 25, storages, clock })
    expect(times(reached, 'create ok')).toBeGreaterThan(0)
  })

  it('agree with all that follows from them, whoever dies when', { timeout: 240_000 }, async () => {
    const title = `${name}-deadly`
    const reached = await tellAllianceStories({ title, kind: 'deadly', stories: 25, storages, clock })
    expect(times(reached, 'create died')).toBeGreaterThan(0)
  })
})
