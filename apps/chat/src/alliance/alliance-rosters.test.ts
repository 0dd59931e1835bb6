import type { AllianceRoster } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { silentLogger } from '@hydra/runtime'
import { expect, it } from 'vitest'
import { testState } from '../test-support/alliance-state.ts'
import { AllianceRosters } from './alliance-rosters.ts'

const { alliance } = testState()
const rosterOf = (version: number): AllianceRoster => ({ alliance: { ...alliance, version }, members: [] })

/** A database whose reads end when told to, and a view that is empty unless something is put. */
function rosters(options: { readonly readsMax?: number; readonly viewsFail?: boolean } = {}) {
  const reads: { resolve(roster: AllianceRoster | undefined): void; reject(error: Error): void }[] = []
  const put: AllianceRoster[] = []
  const away = () => Promise.reject(new HydraError('STORAGE_UNAVAILABLE', 'The store is away.'))
  const subject = new AllianceRosters({
    alliances: { roster: () => new Promise((resolve, reject) => reads.push({ resolve, reject })) },
    allianceViews: {
      get: async () => (options.viewsFail === true ? away() : put.at(-1)),
      put: async (roster) => (options.viewsFail === true ? away() : void put.push(roster)),
    },
    log: silentLogger,
    ...(options.readsMax === undefined ? {} : { readsMax: options.readsMax }),
  })
  return { subject, reads, put }
}
const turns = () => new Promise((resolve) => setImmediate(resolve))

it('reads the database once for all who ask meanwhile, and nobody gets what was read before they asked', async () => {
  const { subject, reads } = rosters()
  const first = subject.get('a1')
  await turns()
  const others = [subject.get('a1'), subject.get('a1'), subject.get('a1')]
  await turns()
  expect(reads).toHaveLength(1)
  reads[0]?.resolve(rosterOf(1))
  expect((await first)?.alliance.version).toBe(1)
  await turns()
  expect(reads).toHaveLength(2)
  reads[1]?.resolve(rosterOf(2))
  expect((await Promise.all(others)).map((roster) => roster?.alliance.version)).toEqual([2, 2, 2])
})

it('answers from the view once it was read, and forgets the read', async () => {
  const { subject, reads, put } = rosters()
  const first = subject.get('a1')
  await turns()
  reads[0]?.resolve(rosterOf(1))
  await first
  expect(put).toEqual([rosterOf(1)])
  expect(await subject.get('a1')).toEqual(rosterOf(1))
  expect(reads).toHaveLength(1)
})

it('fails those who share a failed read, and reads again for who comes next', async () => {
  const { subject, reads } = rosters()
  const first = subject.get('a1')
  await turns()
  const second = subject.get('a1')
  await turns()
  reads[0]?.reject(new HydraError('STORAGE_UNAVAILABLE', 'The database is away.'))
  await expect(first).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  await turns()
  reads[1]?.resolve(undefined)
  expect(await second).toBeUndefined()
  const third = subject.get('a1')
  await turns()
  expect(reads).toHaveLength(3)
  reads[2]?.resolve(undefined)
  await third
})

it('has the database while the store of the views is away', async () => {
  const { subject, reads } = rosters({ viewsFail: true })
  const first = subject.get('a1')
  await turns()
  reads[0]?.resolve(rosterOf(1))
  expect(await first).toEqual(rosterOf(1))
})

it('refuses one alliance more than it may read at the same time', async () => {
  const { subject, reads } = rosters({ readsMax: 1 })
  const first = subject.get('a1')
  await turns()
  await expect(subject.get('a2')).rejects.toMatchObject({ code: 'SERVER_BUSY' })
  reads[0]?.resolve(undefined)
  await first
  const second = subject.get('a2')
  await turns()
  reads[1]?.resolve(undefined)
  expect(await second).toBeUndefined()
})
