import { bodyCodec, HydraError, routes } from '@hydra/protocol'
import type { RpcPeer, TopicMessage } from '@hydra/rpc'
import type { Counter, Logger } from '@hydra/runtime'
import { compressBody } from '../packet/compress-body.ts'
import { encodeTopicPush } from '../push/encode-topic-push.ts'
import type { SessionTopics } from '../push/session-topics.ts'
import type { ServerChooser } from '../request/choose-server.ts'
import type { Session } from '../session/session.ts'
import type { ParkedSession, ParkedSessions } from './parked-sessions.ts'
import type { ReplayLog } from './replay-log.ts'

/** What resuming needs. */
export interface ResumeOptions {
  readonly parked: ParkedSessions
  readonly replay: Pick<ReplayLog, 'missed'>
  readonly topics: SessionTopics
  readonly peer: Pick<RpcPeer, 'id' | 'forward'>
  readonly chooser: Pick<ServerChooser, 'choose'>
  readonly log: Logger
  /** Counts by `outcome`. */
  readonly resumes: Counter
  readonly enterTimeoutMs: number
  readonly compressMinBytes: number
  /** Bytes of pushes that may be sent at once; a client that missed more is to begin anew. */
  readonly maxReplayBytes: number
}

/** Where a client lost its connection. */
export interface ResumePoint {
  readonly sessionId: string
  /** Pushes that it has received since its login, and in the sessions that this one goes on with. */
  readonly pushes: number
}

const { enter } = routes.game.role

/**
 * Makes the function that lets a session that has just logged in go on where an earlier one of its account has ended:
 * its topics without a gap, its data, its game server, its role. Answers whether everything is as before; if not, the
 * session is as after any login.
 */
export function createResume(options: ResumeOptions) {
  const { parked, replay, topics, log, resumes } = options
  const compress = (body: Uint8Array) => compressBody(body, options.compressMinBytes)

  const attempt = async (
    session: Session,
    point: ResumePoint,
  ): Promise<'replayed' | 'gone' | 'lost' | 'failed'> => {
    const former = parked.take(point.sessionId)
    if (former === undefined) return 'gone'
    const missed = replay.missed(former.reader, point.pushes)
    const isTooMuch = missed !== undefined && sizeOf(missed, session) > options.maxReplayBytes
    if (missed === undefined || isTooMuch || session.phase === 'closed') {
      topics.release(former)
      return 'lost'
    }
    try {
      await adopt(session, former, missed)
      await enterRole(session, former.rid)
      return 'replayed'
    } catch (err) {
      abandon(session)
      const { sessionId, user } = session
      log.warn({ sessionId, uid: user?.uid, err }, 'a session could not be resumed; its client enters again')
      return 'failed'
    }
  }

  /** In one turn, so that no push falls between those that were missed and those that come. */
  const adopt = async (
    session: Session,
    former: ParkedSession,
    missed: readonly TopicMessage[],
  ): Promise<void> => {
    session.changeData(former.data)
    if (former.server !== undefined) session.game = { server: former.server, inFlight: 0, onIdle: undefined }
    const adopted = topics.adopt(session, former)
    for (const message of missed) {
      session.connection.send(encodeTopicPush(message, session, compress))
    }
    await adopted
  }

  const abandon = (session: Session): void => {
    session.connection.unsubscribeAll()
    topics.release(session)
    session.forgetData()
  }

  /** As the client would: the game server ends the grace, and chat hears of the new session. */
  const enterRole = (session: Session, rid: string): Promise<void> => {
    const { peer, chooser, enterTimeoutMs: timeoutMs } = options
    session.enteringRid = rid
    const codec = bodyCodec(session.serializer)
    const request = { route: enter.name, session: session.identity(peer.id), body: codec.encode({ rid }) }
    return new Promise<void>((resolve, reject) => {
      const { to } = chooser.choose(session, enter)
      peer.forward(
        request,
        { to, timeoutMs },
        {
          onReply({ error, body, update }) {
            session.enteringRid = undefined
            if (error) return reject(HydraError.fromBody(codec.decode(body)))
            session.rid = update?.rid ?? undefined
            resolve()
          },
          // The role may be active all the same: `enteringRid` stays, and with it the leave when the session ends.
          onFailure: reject,
        },
      )
    })
  }

  return async (session: Session, point: ResumePoint): Promise<boolean> => {
    const outcome = await attempt(session, point)
    resumes.inc({ outcome })
    return outcome === 'replayed'
  }
}

const sizeOf = (messages: readonly TopicMessage[], { serializer }: Session): number =>
  messages.reduce((sum, { bodies }) => sum + bodies[serializer].length, 0)
