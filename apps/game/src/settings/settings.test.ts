import { limits, roleSettings } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newRole } from '../role/role.ts'
import { settingsOf, withSettings } from './settings.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)
const full = Object.fromEntries(
  Array.from({ length: limits.settingsPerRoleMax }, (_, index) => [`key${index}`, index]),
)

describe('settings', () => {
  it('are set, replaced and removed; what is not mentioned stays', () => {
    const before = withSettings(ada, { language: 'eo', volume: 0.5, muted: false })
    const after = withSettings(before, { language: 'la', muted: null })
    expect(settingsOf(after)).toEqual({ settings: { language: 'la', volume: 0.5 }, version: 0 })
    expect(before.settings).toEqual({ language: 'eo', volume: 0.5, muted: false })
    expect({ ...after, settings: {} }).toEqual(ada)
  })

  it('that change nothing leave the same role', () => {
    const role = withSettings(ada, { language: 'eo', volume: 0 })
    for (const changes of [{}, { language: 'eo' }, { volume: 0, absent: null }]) {
      expect(withSettings(role, changes)).toBe(role)
    }
    // Not the same, although both are empty.
    expect(withSettings(role, { volume: false }).settings['volume']).toBe(false)
    expect(withSettings(role, { volume: '' }).settings['volume']).toBe('')
  })

  it('are limited in number, however they come; all of a change or nothing is taken', () => {
    const role = withSettings(ada, full)
    expect(() => withSettings(role, { one: 1 })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_LIMIT_REACHED' }),
    )
    expect(withSettings(role, { one: 1, key0: null }).settings).toMatchObject({ one: 1, key1: 1 })
    expect(withSettings(role, { key0: 'other' }).settings['key0']).toBe('other')
  })

  it('beyond a limit that was lowered can be given up one by one, and not added to', () => {
    const role = { ...ada, settings: { ...full, more: 1, yetMore: 2 } }
    expect(() => withSettings(role, { one: 1 })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_LIMIT_REACHED' }),
    )
    expect(withSettings(role, { more: null }).settings).toEqual({ ...full, yetMore: 2 })
  })

  it('named like what every object has are plain settings', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__']
    for (const name of names) {
      expect(withSettings(ada, fromJson(name, null))).toBe(ada)
      const { settings } = withSettings(ada, fromJson(name, 'mine'))
      expect(Object.entries(settings)).toEqual([[name, 'mine']])
      expect(Object.getPrototypeOf(settings)).toBe(Object.prototype)
    }
    expect(({} as Record<string, unknown>)['mine']).toBeUndefined()
  })

  it('are what a map would hold after any changes', () => {
    const key = fc.constantFrom('a', 'b', 'constructor', 'toString')
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean())
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, fc.option(value))), (all) => {
        const model = new Map<string, string | number | boolean>()
        let role = ada
        for (const changes of all) {
          role = withSettings(role, changes)
          for (const [name, wanted] of Object.entries(changes)) {
            if (wanted === null) model.delete(name)
            else model.set(name, wanted)
          }
          expect(new Map(Object.entries(role.settings))).toEqual(model)
        }
        expect(roleSettings.parse(role.settings)).toEqual(role.settings)
      }),
    )
  })
})

/** As it comes off the wire: an own key, whatever its name. */
const fromJson = (key: string, value: string | null) =>
  JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as Record<string, string | null>
