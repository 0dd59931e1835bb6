import { routes } from '@hydra/protocol'
import type { Actor } from '../actor.ts'
import { oneAmong } from '../random.ts'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { orCode } from './refusals.ts'

const { send, join } = routes.chat.channel
const lines = [
  'Anybody at the northern gate?',
  'I could do with some company here.',
  'Watch out, they are in the reeds.',
  'Good hunt today.',
  'Selling wolf pelts, fair price.',
  'Back in a minute.',
] as const

const usual = ['CHAT_NOT_JOINED', 'CHANNEL_UNKNOWN', 'SILENCED', 'RATE_LIMITED'] as const

const anyLine = ({ random }: Actor) => oneAmong(lines, random)

/** What is said, and where. */
export interface TalkOptions {
  /** Else the world's, or the team's when the role is in one. */
  readonly channel?: string
  /** Default: one of some lines. */
  readonly text?: (me: Actor) => string
}

/** Says something in a channel. Sent again, because the answer was lost, it is said once. */
export const talk = ({ channel, text: textOf = anyLine }: TalkOptions = {}): Behaviour =>
  behaviour('talk', async (me) => {
    const [text, which] = [textOf(me), me.random()]
    // Another one in each run too: what was said in an earlier one must not count as said.
    const messageId = `${Math.floor(me.random() * 2 ** 52).toString(36)}-${Math.round(me.clock.monotonicMs())}`
    const isTeam = channel === undefined && which < 0.5 && me.companions.team !== undefined
    const to = channel ?? (isTeam ? 'team' : 'world')
    const say = () => orCode(me.request(send, { channel: to, text, messageId }), usual)
    if ((await say()).code !== 'CHAT_NOT_JOINED') return
    const joined = await orCode(me.request(join, { channel: to }), ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED'])
    if (joined.code === undefined) await say()
  })
