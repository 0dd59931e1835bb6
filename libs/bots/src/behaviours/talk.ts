import { routes } from '@hydra/protocol'
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

/** Says something in a channel: the world's, the team's when the role is in one, or the one that is named. */
export const talk = ({ channel }: { channel?: string } = {}): Behaviour =>
  behaviour('talk', async (me) => {
    const [text, which] = [oneAmong(lines, me.random), me.random()]
    const isTeam = channel === undefined && which < 0.5 && me.companions.team !== undefined
    const to = channel ?? (isTeam ? 'team' : 'world')
    const said = await orCode(me.request(send, { channel: to, text }), [
      'CHAT_NOT_JOINED',
      'CHANNEL_UNKNOWN',
      'SILENCED',
      'RATE_LIMITED',
    ])
    if (said.code === 'CHAT_NOT_JOINED') {
      await orCode(me.request(join, { channel: to }), ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED'])
    }
  })
