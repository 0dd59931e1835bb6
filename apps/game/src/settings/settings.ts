import {
  HydraError,
  limits,
  type ResponseOf,
  type RoleSettings,
  type RoleSettingsChange,
  type routes,
} from '@hydra/protocol'
import type { RoleState } from '../role/role.ts'

/**
 * The role with some settings changed: `null` removes one. The same value when nothing is different afterwards.
 *
 * @throws HydraError `SETTINGS_LIMIT_REACHED` when it would have more than a role may have.
 */
export function withSettings(role: RoleState, changes: RoleSettingsChange): RoleState {
  const merged = new Map<string, string | number | boolean>(Object.entries(role.settings))
  let isChanged = false
  for (const [key, value] of Object.entries(changes)) {
    if (value === (merged.get(key) ?? null)) continue
    isChanged = true
    if (value === null) merged.delete(key)
    else merged.set(key, value)
  }
  if (!isChanged) return role
  // A role that was stored under a higher limit may still give settings up, one after the other.
  if (merged.size > Math.max(limits.settingsPerRoleMax, Object.keys(role.settings).length)) {
    throw new HydraError(
      'SETTINGS_LIMIT_REACHED',
      `A role may have ${limits.settingsPerRoleMax} settings; with these changes it would have ${merged.size}.`,
      { metadata: { settingsMax: limits.settingsPerRoleMax } },
    )
  }
  const settings: RoleSettings = Object.fromEntries(merged)
  return { ...role, settings }
}

/** What its own player is answered. */
export function settingsOf({ settings, version }: RoleState): ResponseOf<typeof routes.game.settings.get> {
  return { settings, version }
}
