import type { Clock } from '@hydra/runtime'
import {
  allianceViewLimits as bounds,
  type AllianceChangeMark,
  type AllianceRoster,
  type AllianceViews,
} from './alliance-views.ts'

interface View {
  /** No roster of a smaller version is taken any more. */
  readonly version: number
  readonly roster?: AllianceRoster
  readonly expiresAtMs: number
}

interface Change {
  readonly mark: AllianceChangeMark
  readonly expiresAtMs: number
}

/** Views that are kept at most; the one that was put first goes first. */
const viewsMax = 10_000

/** Views of alliances in the memory of this process. Marks are as many as there are changes under way. */
export function createMemoryAllianceViews({ clock }: { readonly clock: Clock }): AllianceViews {
  /** In the order of their last change. */
  const views = new Map<string, View>()
  const changes = new Map<string, Change>()

  const find = (allianceId: string): View | undefined => {
    const view = views.get(allianceId)
    return view !== undefined && view.expiresAtMs > clock.nowMs() ? view : undefined
  }
  const keep = (allianceId: string, view: View): void => {
    views.delete(allianceId)
    views.set(allianceId, view)
    const [first] = views.keys()
    if (views.size > viewsMax && first !== undefined) views.delete(first)
  }
  const isChanging = (allianceId: string): boolean => {
    const nowMs = clock.nowMs()
    return [...changes.values()].some(
      ({ mark, expiresAtMs }) => mark.allianceId === allianceId && expiresAtMs > nowMs,
    )
  }
  /** Whether the roster may take the place of what is there. */
  const isNews = ({ alliance }: AllianceRoster): boolean =>
    alliance.version >= (find(alliance.allianceId)?.version ?? 0)
  const toView = (roster: AllianceRoster) => ({
    version: roster.alliance.version,
    roster: structuredClone(roster),
    expiresAtMs: clock.nowMs() + bounds.keptMs,
  })

  return {
    async begin(mark, expiresAtMs) {
      changes.set(mark.token, { mark: structuredClone(mark), expiresAtMs })
      const view = views.get(mark.allianceId)
      if (view === undefined) return
      const { roster: _, ...rest } = view
      views.set(mark.allianceId, rest)
    },
    async finish({ token, allianceId }, roster) {
      changes.delete(token)
      if (roster === undefined || !isNews(roster)) return
      const { roster: latest, ...rest } = toView(roster)
      keep(allianceId, isChanging(allianceId) ? rest : { ...rest, roster: latest })
    },
    get: async (allianceId) => structuredClone(find(allianceId)?.roster),
    async put(roster) {
      const { allianceId } = roster.alliance
      if (!isChanging(allianceId) && isNews(roster)) keep(allianceId, toView(roster))
    },
    async drop(allianceId) {
      keep(allianceId, { version: Number.MAX_SAFE_INTEGER, expiresAtMs: clock.nowMs() + bounds.goneMs })
    },
    async expired(nowMs, limit) {
      return [...changes.values()]
        .filter(({ expiresAtMs }) => expiresAtMs <= nowMs)
        .toSorted((a, b) => a.expiresAtMs - b.expiresAtMs)
        .slice(0, limit)
        .map(({ mark }) => structuredClone(mark))
    },
  }
}
