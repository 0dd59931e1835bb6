import type { AlliancePolicy } from '@hydra/protocol'

/** Something that a role, or a service, does with alliances. Indices are into what the story has of each. */
export type AllianceAction =
  | {
      readonly do: 'create'
      readonly role: number
      readonly name: string
      readonly tag: string
      readonly policy: AlliancePolicy
      readonly minLevel: number
    }
  | {
      readonly do: 'apply' | 'cancel' | 'accept' | 'decline'
      readonly role: number
      readonly alliance: number
    }
  | {
      readonly do: 'approve' | 'reject' | 'invite' | 'uninvite' | 'kick' | 'promote' | 'demote' | 'handOver'
      readonly role: number
      readonly target: number
    }
  | { readonly do: 'leave' | 'disband'; readonly role: number }
  | {
      readonly do: 'update'
      readonly role: number
      readonly policy: AlliancePolicy
      readonly minLevel: number
    }
  | { readonly do: 'setLevel'; readonly alliance: number; readonly level: number }
  | { readonly do: 'look'; readonly role: number; readonly alliance: number }

/** What a story goes by. Small, so that bounds are met. */
export const storyBounds = Object.freeze({
  price: 10,
  capacities: [2, 3, 4],
  requestsMax: 2,
  applicationsPerRoleMax: 1,
  invitationsPerRoleMax: 1,
  changeTimeoutMs: 15_000,
})

/** Gold of each role when a story begins. */
export const goldAtFirst = 25

/** Roles of a story; the last one is offline. */
export const storyRoles = 6
export const levelOf = (role: number): number => 1 + (role % 3)
export const isOnline = (role: number): boolean => role < storyRoles - 1
