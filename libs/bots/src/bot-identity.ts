import type { ClientClock, ConnectOptions } from '@hydra/client'

/** Who a bot is, and how it comes into the game. */
export interface BotIdentity {
  readonly httpUrl: string
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
  /** Is told of what it does. */
  readonly watch?: BotWatch
}

/** Hooks for whoever watches a bot: live progress, the check of a test. */
export interface BotWatch {
  /** A behaviour has begun, in this round of the script. */
  readonly onNote?: (what: string, round: number) => void
  /** A request was answered; `response` is absent where it had been made before and the answer was lost. */
  readonly onAnswer?: (route: string, request: unknown, response: unknown) => void
  readonly onPush?: (name: string, payload: unknown) => void
}
