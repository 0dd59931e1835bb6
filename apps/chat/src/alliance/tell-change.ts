import { pushes, type AllianceEventKind, type PayloadOf, type Push } from '@hydra/protocol'
import { roleTopic, sharedChannel } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import type { MadeChange } from './change-alliance.ts'

type Answer = PayloadOf<typeof pushes.chat.alliance.answered>

/** Events that their target, who may be outside, is told by itself. */
const answers: Partial<Record<AllianceEventKind, Answer['kind']>> = {
  invited: 'invited',
  uninvited: 'uninvited',
  approved: 'approved',
  rejected: 'rejected',
  kicked: 'kicked',
}

/**
 * Tells the members what has changed, and those whom it concerns. To be called when the members of the channel are right:
 * who has joined is told as well, who was put out is not. Changes that several servers make at the same time may arrive
 * in any order, so clients order by `event.seq`.
 */
export function tellChange(chat: Chat, { decided, changed }: MadeChange): void {
  const { alliance, event, left } = changed
  const { allianceId, name: allianceName } = alliance
  if (event !== undefined && decided.disband !== true) {
    const [topic = ''] = sharedChannel('alliance', allianceId).topics
    publish(chat, topic, pushes.chat.alliance.changed, { allianceId, event })
  }
  const { kind, actor, target } = decided.log ?? {}
  const answer = (rid: string, what: Answer['kind']) =>
    publish(chat, roleTopic(rid), pushes.chat.alliance.answered, {
      allianceId,
      allianceName,
      kind: what,
      ...(actor === undefined ? {} : { by: { rid: actor.rid, name: actor.name } }),
      atMs: event?.atMs ?? chat.clock.nowMs(),
    })
  if (decided.disband === true) {
    for (const rid of left) if (rid !== actor?.rid) answer(rid, 'disbanded')
  }
  const what = kind === undefined ? undefined : answers[kind]
  if (what !== undefined && target !== undefined) answer(target.rid, what)
}

/** What was changed is changed, whether clients hear of it or not: they find it when they next look. */
function publish<P extends Push>(chat: Chat, topic: string, push: P, payload: PayloadOf<P>): void {
  try {
    chat.peer.publish(topic, push, payload)
  } catch (err) {
    chat.metrics.publishFailures.inc()
    chat.log.warn({ topic, push: push.name, err }, 'a change of an alliance was made but not pushed')
  }
}
