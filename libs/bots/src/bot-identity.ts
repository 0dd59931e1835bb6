import type { ClientClock, CloseReason, ConnectOptions } from '@hydra/client'
import type { ErrorCode, HydraError } from '@hydra/protocol'

/** Who a bot is, and how it comes into the game. */
export interface BotIdentity {
  /** Of the http service; several, where no proxy stands before its servers. */
  readonly httpUrl: string | readonly string[]
  /** Of the account and of the role: 3 to 16 letters and digits. Made where they are not there yet. */
  readonly name: string
  /** The same seed, the same decisions. */
  readonly seed: number
  readonly clock: ClientClock
  /** Default: one for all bots. */
  readonly password?: string
  /** Gives a token, instead of registering or logging in at http. */
  readonly token?: () => Promise<string>
  /** The gate to stay with; else any that http lists. */
  readonly gateUrl?: string
  /** How it connects: bound of a request, serializer, and the like. */
  readonly connect?: Omit<ConnectOptions, 'url' | 'clock'>
  /**
   * How long it sends a request again that was lost, or refused for the moment, before it lets it be. Default 0: what it
   * was doing ends with the first failure. Operations are repeated a dozen times in any case.
   */
  readonly patienceMs?: number
  /** Whether it stays with a gate that has said that it will close, until that happens. Default `false`: it goes to another. */
  readonly staysToTheEnd?: boolean
  /** Is told of what it does. */
  readonly watch?: BotWatch
}

/** What became of a request, all its repetitions together. */
export interface RequestOutcome {
  readonly route: string
  /** From the first sending to the answer or the last failure, the waits between included. */
  readonly ms: number
  /** How often it was sent. */
  readonly attempts: number
  /** Absent: it was done. */
  readonly code: ErrorCode | undefined
}

/** Hooks for whoever watches a bot: live progress, the check of a test. */
export interface BotWatch {
  /** A behaviour has begun, in this round of the script. */
  readonly onNote?: (what: string, round: number) => void
  /** A request was answered; `response` is absent where it had been made before and the answer was lost. */
  readonly onAnswer?: (route: string, request: unknown, response: unknown) => void
  /** A request was refused or lost for the `attempt`th time; `route` is the one that was wanted, or needed before it. */
  readonly onRefused?: (route: string, error: HydraError, attempt: number) => void
  readonly onOutcome?: (outcome: RequestOutcome) => void
  /** A connection of it has ended. */
  readonly onClosed?: (reason: CloseReason) => void
  readonly onPush?: (name: string, payload: unknown) => void
}
