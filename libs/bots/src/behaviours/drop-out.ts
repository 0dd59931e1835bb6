import { behaviour, type Behaviour } from '../script/behaviour.ts'

/** How long a bot stays away. */
export interface AwayOptions {
  /** Default 100. */
  readonly minMs?: number
  /** Default 2,000. */
  readonly maxMs?: number
}

/** Loses the connection without a word, and comes back after a while. */
export const dropOut = ({ minMs = 100, maxMs = 2_000 }: AwayOptions = {}): Behaviour =>
  behaviour('drop out', async (me) => {
    const ms = minMs + me.random() * (maxMs - minMs)
    await me.drop()
    await me.pause(ms)
  })

/** Logs out, and comes back after a while. */
export const takeBreak = ({ minMs = 100, maxMs = 2_000 }: AwayOptions = {}): Behaviour =>
  behaviour('take a break', async (me) => {
    const ms = minMs + me.random() * (maxMs - minMs)
    await me.logOut()
    await me.pause(ms)
  })
