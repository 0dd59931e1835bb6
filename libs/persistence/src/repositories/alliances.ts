import type { AllianceEvent, AllianceEventKind, AlliancePolicy, AllianceRank } from '@hydra/protocol'

/** An alliance as stored. */
export interface Alliance {
  readonly allianceId: string
  readonly name: string
  readonly tag: string
  readonly level: number
  readonly notice: string
  readonly description: string
  readonly policy: AlliancePolicy
  readonly minLevel: number
  readonly leaderRid: string
  readonly memberCount: number
  readonly createdAtMs: number
  /**
   * Grows by one with each change of the alliance, its members (their names and levels too) or its requests; but not
   * when a request ends because its role has joined another alliance.
   */
  readonly version: number
}

/** What others see of a role. */
export interface AllianceRole {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
}

/** A role that is a member of an alliance. */
export interface AllianceMembership extends AllianceRole {
  readonly allianceId: string
  readonly rank: AllianceRank
  readonly joinedAtMs: number
}

/** An application or an invitation. A role has at most one of each with an alliance. */
export interface StoredRequest {
  readonly kind: 'application' | 'invitation'
  readonly allianceId: string
  readonly rid: string
  readonly atMs: number
  /** Who has invited. */
  readonly by?: { readonly rid: string; readonly name: string }
}

/** A request with what a list shows of both sides. */
export interface ListedRequest extends StoredRequest {
  readonly allianceName: string
  readonly role: AllianceRole
}

/** What a change of an alliance is decided upon: locked until it is made. */
export interface AllianceState {
  readonly alliance: Alliance
  /** Of the roles that were asked for, those that are members of any alliance. */
  readonly memberships: ReadonlyMap<string, AllianceMembership>
  /** Open requests between this alliance and the roles that were asked for. */
  readonly requests: readonly StoredRequest[]
  /** All open requests of the alliance, by kind. */
  readonly requestCounts: Readonly<Record<StoredRequest['kind'], number>>
}

/** An entry of the log that has no number yet. */
export interface AllianceEventDraft {
  readonly kind: AllianceEventKind
  readonly actor?: { readonly rid: string; readonly name: string }
  readonly target?: { readonly rid: string; readonly name: string }
  readonly detail?: AllianceEvent['detail']
}

/** What a change makes of the state. All of it is stored, or nothing. */
export interface AllianceChange {
  readonly set?: Partial<
    Pick<Alliance, 'level' | 'notice' | 'description' | 'policy' | 'minLevel' | 'leaderRid'>
  >
  /** Roles that come in. All requests of such a role, with whatever alliance, end with it. */
  readonly join?: readonly (AllianceRole & { readonly rank: AllianceRank })[]
  /** Members that go out. */
  readonly leave?: readonly string[]
  readonly ranks?: readonly { readonly rid: string; readonly rank: AllianceRank }[]
  /** One of this kind that is there already stays as it is. */
  readonly addRequest?: Omit<StoredRequest, 'allianceId' | 'atMs'> & { readonly role: AllianceRole }
  readonly endRequests?: readonly Pick<StoredRequest, 'kind' | 'rid'>[]
  readonly log?: AllianceEventDraft
  /** The alliance ends: members, requests and log with it. */
  readonly disband?: true
}

/** What was changed. */
export interface AllianceChanged {
  /** As it is afterwards; of a disbanded one as it was. */
  readonly alliance: Alliance
  /** Everybody who is a member afterwards; nobody of a disbanded one. */
  readonly members: readonly AllianceMembership[]
  /** Who was put out or went out. */
  readonly left: readonly string[]
  readonly event?: AllianceEvent
}

/** An alliance to be founded. */
export interface AllianceDraft extends Pick<
  Alliance,
  'allianceId' | 'name' | 'tag' | 'description' | 'policy' | 'minLevel'
> {
  readonly founder: AllianceRole
}

/**
 * Alliances in the database: who is in which one, who wants to be, and what has happened. Each change is one
 * transaction that locks the alliance and the roles that it concerns, in this order; so the rules, which decide on what
 * is locked, hold whoever changes what at the same time. `alliances.contract.ts` is the suite.
 *
 * All calls throw HydraError `STORAGE_UNAVAILABLE`.
 */
export interface Alliances {
  /**
   * Founds an alliance; its founder leads it. The same founding again changes nothing, and answers no event.
   *
   * @throws HydraError `ALLIANCE_NAME_TAKEN`, `ALLIANCE_TAG_TAKEN` (compared without regard to case and after NFKC),
   * `ALREADY_IN_ALLIANCE`, `ALLIANCE_NOT_FOUND` when {@link voidFounding} was called for it, or it was disbanded.
   */
  create(draft: AllianceDraft): Promise<AllianceChanged>
  /**
   * Whether an alliance was founded under an id, also one that was disbanded since. If not, it never will be: that is
   * refused from now on. Both are known for 30 days.
   */
  voidFounding(allianceId: string): Promise<{ readonly founded: boolean }>
  /**
   * Changes an alliance as `decide` says, which sees the locked state, and may be called more than once. What it throws
   * leaves everything as it is; answering `undefined` does as well.
   *
   * @param rids the roles that the decision is about, at most ten; also those it adds
   * @throws HydraError `ALLIANCE_NOT_FOUND`, what `decide` throws; `ALREADY_IN_ALLIANCE` and `INTERNAL` for a change that
   * would break what holds of all alliances, such as letting a member of another one in; see `checkAllianceChange`.
   */
  change(
    allianceId: string,
    rids: readonly string[],
    decide: (state: AllianceState) => AllianceChange | undefined,
  ): Promise<AllianceChanged | undefined>
  find(allianceId: string): Promise<Alliance | undefined>
  /** An alliance and all of its members, of one moment: the leader first, then officers, each in order of joining. */
  roster(
    allianceId: string,
  ): Promise<{ readonly alliance: Alliance; readonly members: readonly AllianceMembership[] } | undefined>
  /** Memberships of roles, in their order. */
  memberships(rids: readonly string[]): Promise<readonly (AllianceMembership | undefined)[]>
  /** Notes name and level of a role, wherever alliances show it. Answers its membership. */
  updateRole(role: AllianceRole): Promise<AllianceMembership | undefined>
  /**
   * By the beginning of name or tag, in order of the names, behind the cursor that the page before gave.
   *
   * @throws HydraError `BAD_REQUEST` for what is no cursor, and for a limit that is not within 1 to 1,000, as all lists
   */
  search(options: {
    readonly text: string
    readonly limit: number
    readonly cursor?: string
  }): Promise<{ readonly alliances: readonly Alliance[]; readonly next?: string }>
  /** Requests of one kind to an alliance, the oldest first. @throws HydraError `BAD_REQUEST` as {@link search}. */
  requestsOf(
    allianceId: string,
    kind: StoredRequest['kind'],
    options: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly requests: readonly ListedRequest[]; readonly next?: string }>
  /** All requests of a role, the oldest first. */
  requestsWith(rid: string): Promise<readonly ListedRequest[]>
  /** What happened, the latest first. */
  log(
    allianceId: string,
    options: { readonly limit: number; readonly beforeSeq?: number },
  ): Promise<readonly AllianceEvent[]>
}
