import { HydraError, limits, type HandlerTable, type Route, type RoutesOf } from '@hydra/protocol'
import type { ServiceHandlers } from '@hydra/rpc'
import type { SessionTopics } from './push/session-topics.ts'
import type { ParkedSessions } from './resume/parked-sessions.ts'
import type { AccountControl } from './session/account-control.ts'
import type { SessionCloser } from './session/close-session.ts'
import type { Session } from './session/session.ts'
import type { Sessions } from './session/sessions.ts'

/** What handlers of the gate's own public routes are given: the connection itself, whatever the route asks for. */
interface LocalContexts {
  readonly none: Session
  readonly user: Session
  readonly role: Session
  readonly internal: never
}

/** The gate's public routes. They need the connection, so they are answered where it is and never travel. */
export type LocalHandlers = HandlerTable<Extract<RoutesOf<'gate'>, Route>, LocalContexts>

/** A handler by name: its types were checked as part of {@link LocalHandlers}, the body against its schema. */
export type LocalHandler = (session: Session, body: unknown) => unknown

/** Makes the gate's own public routes findable by name. */
export const createLocalHandlers = (handlers: LocalHandlers): ReadonlyMap<string, LocalHandler> =>
  // A lookup by a name from the wire cannot express what the compiler has checked: which body belongs to which handler.
  new Map(Object.entries(handlers) as [string, LocalHandler][])

/** What the handlers of other servers' calls need. */
export interface GateHandlersOptions {
  readonly sessions: Sessions
  readonly topics: SessionTopics
  readonly parked: ParkedSessions
  readonly closer: Pick<SessionCloser, 'close'>
  readonly accounts: AccountControl
}

/** The gate's routes as other servers call them: the service index. */
export function createHandlers(options: GateHandlersOptions): ServiceHandlers<'gate'> {
  const { sessions, topics, parked, closer, accounts } = options
  return {
    'gate.session.login': refuseForeign,
    'gate.session.logout': refuseForeign,
    'gate.session.renew': refuseForeign,

    'gate.session.kick': (_context, { sessionId, reason, message }) => {
      const session = sessions.get(sessionId)
      if (session === undefined) return { found: parked.drop(sessionId) }
      closer.close(session, reason, message)
      return { found: true }
    },

    'gate.session.update': (_context, { sessionId, data }) => {
      const session = sessions.get(sessionId)
      if (session !== undefined && !session.changeData(data)) throw tooMuchData()
      return { found: session !== undefined }
    },

    'gate.session.get': (_context, { sessionId }) => {
      const session = sessions.get(sessionId)
      return session === undefined ? {} : { session: describeSession(session) }
    },

    'gate.session.present': (_context, body) => ({
      present: body.sessions.map(({ sessionId, rid }) => {
        const session = sessions.get(sessionId)
        if (session === undefined) return parked.get(sessionId)?.rid === rid
        return session.rid === rid || session.enteringRid === rid
      }),
      receives: body.sessions.map(
        ({ sessionId, topic }) => topic === undefined || topics.of({ sessionId }).includes(topic),
      ),
    }),

    'gate.account.kick': async (_context, { uid, reason, message }) => ({
      found: await accounts.kick(uid, reason, message),
    }),
    'gate.account.ban': (_context, { uid, untilMs, message }) => accounts.ban(uid, untilMs, message),

    'gate.topic.join': async (_context, { sessionId, topics: names, insteadOf = [] }) => {
      const session = sessions.get(sessionId)
      const isReplaced = (topic: string) =>
        insteadOf.some((beginning) => topic.startsWith(beginning)) && !names.includes(topic)
      if (session !== undefined) {
        for (const topic of topics.of(session).filter(isReplaced)) topics.leave(session, topic)
        await allOrNone(names, topics.of(session), {
          join: (name) => topics.join(session, name),
          leave: (name) => topics.leave(session, name),
        })
        return { found: sessions.get(sessionId) === session }
      }
      const absent = parked.get(sessionId)
      if (absent !== undefined) {
        for (const topic of topics.of(absent).filter(isReplaced)) topics.leaveAbsent(absent, topic)
        await allOrNone(names, topics.of(absent), {
          join: (name) => topics.joinAbsent(absent, name),
          leave: (name) => topics.leaveAbsent(absent, name),
        })
      }
      return { found: absent !== undefined }
    },

    'gate.topic.leave': (_context, { sessionId, topics: names }) => {
      const session = sessions.get(sessionId)
      const absent = parked.get(sessionId)
      for (const name of names) {
        if (session !== undefined) topics.leave(session, name)
        else if (absent !== undefined) topics.leaveAbsent(absent, name)
      }
      return { found: session !== undefined || absent !== undefined }
    },
  }
}

/** Joins all of the topics, or leaves it at those that were joined before. @throws HydraError of the first that failed. */
async function allOrNone(
  names: readonly string[],
  before: readonly string[],
  { join, leave }: { join(name: string): Promise<void>; leave(name: string): void },
): Promise<void> {
  const outcomes = await Promise.allSettled(names.map(join))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed === undefined) return
  for (const name of names) if (!before.includes(name)) leave(name)
  throw failed.reason
}

function refuseForeign(): never {
  throw new HydraError('ROUTE_UNKNOWN', 'A gate answers this to its own connections only.')
}

function describeSession({ user, rid, connection, client, data }: Session) {
  const { remoteAddress, transport } = connection
  return {
    ...(user === undefined ? {} : { uid: user.uid }),
    ...(rid === undefined ? {} : { rid }),
    remoteAddress,
    transport,
    client,
    data,
  }
}

const tooMuchData = () =>
  new HydraError(
    'PAYLOAD_TOO_LARGE',
    `The data of a session may be ${limits.sessionDataMaxChars} characters of JSON; with this change they are more.`,
  )
