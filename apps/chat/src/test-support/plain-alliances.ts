import type { AlliancePolicy, AllianceRank } from '@hydra/protocol'
import {
  goldAtFirst,
  isOnline,
  levelOf,
  storyBounds,
  storyRoles,
  type AllianceAction,
} from './alliance-action.ts'

/** An alliance in its plainest form. Roles are their indices. */
interface PlainAlliance {
  readonly name: string
  readonly tag: string
  policy: AlliancePolicy
  minLevel: number
  level: number
  readonly ranks: Map<number, AllianceRank>
  readonly applications: Set<number>
  readonly invitations: Set<number>
}

/** What an action may answer: one of these. Its effect takes place only if nothing speaks against it. */
type Outcome = ReadonlySet<string>

const heights = { member: 0, officer: 1, leader: 2 }
const { capacities, requestsMax, applicationsPerRoleMax, invitationsPerRoleMax, price } = storyBounds
const lower = (text: string) => text.normalize('NFKC').toLowerCase()

/**
 * Alliances as the summaries of the contract describe them, one action after the other, in memory. Written without
 * looking at the rules: the model test compares the two.
 */
export class PlainAlliances {
  /** By their number; ended ones are not there any more. */
  readonly alliances = new Map<number, PlainAlliance>()
  readonly gold: number[] = Array.from({ length: storyRoles }, () => goldAtFirst)
  #founded = 0

  perform(action: AllianceAction): Outcome {
    const wrong = new Set<string>()
    const refuse = (code: string, when: boolean) => when && wrong.add(code)
    const done = (answer: string, effect: () => void): Outcome => {
      if (wrong.size > 0) return wrong
      effect()
      return new Set([answer])
    }
    switch (action.do) {
      case 'create': {
        const { role, name, tag, policy, minLevel } = action
        const others = [...this.alliances.values()]
        refuse('CHAT_NOT_JOINED', !isOnline(role))
        refuse('ALREADY_IN_ALLIANCE', this.of(role) !== undefined)
        refuse(
          'ALLIANCE_NAME_TAKEN',
          others.some((other) => lower(other.name) === lower(name)),
        )
        refuse(
          'ALLIANCE_TAG_TAKEN',
          others.some((other) => lower(other.tag) === lower(tag)),
        )
        refuse('FUNDS_TOO_LOW', (this.gold[role] ?? 0) < price)
        return done('ok', () => {
          this.gold[role] = (this.gold[role] ?? 0) - price
          const founded = { applications: new Set<number>(), invitations: new Set<number>() }
          const ranks = new Map<number, AllianceRank>()
          this.alliances.set(this.#founded, { name, tag, policy, minLevel, level: 1, ranks, ...founded })
          this.#founded += 1
          this.#join(action.role, this.#founded - 1, 'leader')
        })
      }
      case 'apply': {
        const { role } = action
        const alliance = this.alliances.get(action.alliance)
        refuse('CHAT_NOT_JOINED', !isOnline(role))
        refuse('ALREADY_IN_ALLIANCE', this.of(role) !== undefined)
        if (alliance === undefined) return wrong.add('ALLIANCE_NOT_FOUND')
        if (alliance.invitations.has(role)) {
          refuse('ALLIANCE_FULL', this.#isFull(alliance))
          return done('joined', () => this.#join(role, action.alliance, 'member'))
        }
        refuse('ALLIANCE_CLOSED', alliance.policy === 'closed')
        refuse('ALLIANCE_LEVEL_TOO_LOW', levelOf(role) < alliance.minLevel)
        if (alliance.policy === 'open') {
          refuse('ALLIANCE_FULL', this.#isFull(alliance))
          return done('joined', () => this.#join(role, action.alliance, 'member'))
        }
        if (!alliance.applications.has(role)) {
          const own = [...this.alliances.values()].filter(({ applications }) => applications.has(role))
          const tooMany = own.length >= applicationsPerRoleMax || alliance.applications.size >= requestsMax
          refuse('ALLIANCE_REQUESTS_FULL', tooMany && alliance.policy === 'apply')
        }
        return done('applied', () => alliance.applications.add(role))
      }
      case 'cancel':
      case 'decline': {
        const alliance = this.alliances.get(action.alliance)
        const open = action.do === 'cancel' ? alliance?.applications : alliance?.invitations
        refuse('ALLIANCE_REQUEST_NOT_FOUND', open?.has(action.role) !== true)
        return done('ok', () => open?.delete(action.role))
      }
      case 'accept': {
        const { role } = action
        const alliance = this.alliances.get(action.alliance)
        refuse('CHAT_NOT_JOINED', !isOnline(role))
        refuse('ALREADY_IN_ALLIANCE', this.of(role) !== undefined)
        refuse('ALLIANCE_NOT_FOUND', alliance === undefined)
        refuse('ALLIANCE_REQUEST_NOT_FOUND', alliance?.invitations.has(role) === false)
        refuse('ALLIANCE_FULL', alliance !== undefined && this.#isFull(alliance))
        return done('ok', () => this.#join(role, action.alliance, 'member'))
      }
      case 'setLevel': {
        const alliance = this.alliances.get(action.alliance)
        refuse('ALLIANCE_NOT_FOUND', alliance === undefined)
        return done('ok', () => alliance !== undefined && (alliance.level = action.level))
      }
      case 'look':
        refuse('ALLIANCE_NOT_FOUND', !this.alliances.has(action.alliance))
        return done('ok', () => {})
      default:
        return this.#asMember(action, wrong, refuse, done)
    }
  }

  /** The number of a role's alliance. */
  of(role: number): number | undefined {
    return [...this.alliances].find(([, { ranks }]) => ranks.has(role))?.[0]
  }

  #asMember(
    action: Exclude<
      AllianceAction,
      { do: 'create' | 'apply' | 'cancel' | 'decline' | 'accept' | 'setLevel' | 'look' }
    >,
    wrong: Set<string>,
    refuse: (code: string, when: boolean) => unknown,
    done: (answer: string, effect: () => void) => Outcome,
  ): Outcome {
    const number = this.of(action.role)
    const alliance = number === undefined ? undefined : this.alliances.get(number)
    const rank = alliance?.ranks.get(action.role)
    if (number === undefined || alliance === undefined || rank === undefined) {
      return wrong.add('NOT_IN_ALLIANCE')
    }
    const { ranks, applications, invitations } = alliance
    if (action.do === 'leave') {
      refuse('ALLIANCE_LEADER_STAYS', rank === 'leader')
      return done('ok', () => ranks.delete(action.role))
    }
    const forOfficers = ['approve', 'reject', 'invite', 'uninvite', 'kick'].includes(action.do)
    refuse('ALLIANCE_RANK_TOO_LOW', rank !== 'leader' && !(forOfficers && rank === 'officer'))
    if (action.do === 'update') {
      return done('ok', () => {
        alliance.policy = action.policy
        alliance.minLevel = action.minLevel
      })
    }
    if (!('target' in action)) return done('ok', () => this.alliances.delete(number))
    switch (action.do) {
      case 'approve':
        refuse('ALREADY_IN_ALLIANCE', this.of(action.target) !== undefined)
        refuse('ALLIANCE_REQUEST_NOT_FOUND', !applications.has(action.target))
        refuse('ALLIANCE_FULL', this.#isFull(alliance))
        return done('ok', () => this.#join(action.target, number, 'member'))
      case 'reject':
      case 'uninvite': {
        const open = action.do === 'reject' ? applications : invitations
        refuse('ALLIANCE_REQUEST_NOT_FOUND', !open.has(action.target))
        return done('ok', () => open.delete(action.target))
      }
      case 'invite':
        refuse('ALREADY_IN_ALLIANCE', this.of(action.target) !== undefined)
        if (applications.has(action.target)) {
          refuse('ALLIANCE_FULL', this.#isFull(alliance))
          return done('joined', () => this.#join(action.target, number, 'member'))
        }
        if (!invitations.has(action.target)) {
          const own = [...this.alliances.values()].filter((other) => other.invitations.has(action.target))
          const tooMany = own.length >= invitationsPerRoleMax || invitations.size >= requestsMax
          refuse('ALLIANCE_REQUESTS_FULL', tooMany)
        }
        return done('invited', () => invitations.add(action.target))
      default: {
        const other = ranks.get(action.target)
        refuse('NOT_IN_ALLIANCE', other === undefined)
        const isOwn = action.target === action.role
        // Handing over to oneself leaves everything as it is.
        if (action.do === 'handOver' && isOwn) return done('ok', () => {})
        refuse('ALLIANCE_RANK_TOO_LOW', other !== undefined && heights[other] >= heights[rank])
        return done('ok', () => {
          if (action.do === 'kick') ranks.delete(action.target)
          else if (action.do === 'promote') ranks.set(action.target, 'officer')
          else if (action.do === 'demote') ranks.set(action.target, 'member')
          else ranks.set(action.role, 'officer').set(action.target, 'leader')
        })
      }
    }
  }

  #isFull({ ranks, level }: PlainAlliance): boolean {
    return ranks.size >= (capacities[level - 1] ?? 0)
  }

  /** Whoever is in an alliance has no requests any more. */
  #join(role: number, number: number, rank: AllianceRank): void {
    for (const { applications, invitations } of this.alliances.values()) {
      applications.delete(role)
      invitations.delete(role)
    }
    this.alliances.get(number)?.ranks.set(role, rank)
  }
}
