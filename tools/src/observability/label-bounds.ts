import {
  accountEndpoints,
  allEvents,
  allPushes,
  allRoutes,
  disconnectReasons,
  errorCodes,
} from '@hydra/protocol'

/** Why the values of a label are few. */
export interface LabelBound {
  /** For the reference: where the values come from, and so how many there can be. */
  readonly values: string
  readonly allows: (value: string) => boolean
}

const oneOf = (values: string, allowed: readonly string[]): LabelBound => {
  const set = new Set(allowed)
  return { values, allows: (value) => set.has(value) }
}
const matching = (values: string, pattern: RegExp): LabelBound => ({
  values,
  allows: (value) => pattern.test(value),
})
/** Words that the code spells out: the number of its lines bounds them. No id looks like one. */
const words = (values: string): LabelBound => matching(values, /^[a-z]+(-[a-z]+)*$/)

/**
 * Every label that a metric of Hydra may have, with what bounds its values. No player, role, session, server or text is
 * among them: each value makes series of its own, for as long as Prometheus keeps them.
 */
export const labelBounds: Readonly<Record<string, LabelBound>> = {
  check: matching(
    'names of the checks of `/readyz`, at most eight',
    /^(mysql|sqlite|redis|nats|etcd|role data)$/,
  ),
  code: oneOf('`OK` and the [error codes](errors.md)', ['OK', ...Object.keys(errorCodes)]),
  direction: oneOf('`in`, `out`', ['in', 'out']),
  event: matching('names of events of the NATS client, about ten', /^[a-zA-Z]{1,24}$/),
  gone: oneOf('`gate`, `session`', ['gate', 'session']),
  kind: words('kinds of channels or of pushes, at most eight'),
  node: matching('the version of Node.js: one for each process', /^\d+\.\d+\.\d+/),
  outcome: words('how it ended, at most eight words'),
  path: oneOf('paths of the account endpoints, and `other`', [
    ...Object.values(accountEndpoints).map(({ path }) => path),
    'other',
  ]),
  reason: {
    values: 'the reasons why a session ends (`DisconnectReason`), `NONE`, or a few words of the code',
    allows: (value) =>
      value === 'NONE' ||
      (disconnectReasons as readonly string[]).includes(value) ||
      /^[a-z]+(-[a-z]+)*$/.test(value),
  },
  result: words('how it ended, at most three words'),
  route: oneOf('routes, pushes and events of the [contracts](protocol.md), and `unknown`', [
    ...[...allRoutes, ...allPushes, ...allEvents].map(({ name }) => name),
    'unknown',
  ]),
  scene: matching('scenes of the design tables', /^[a-z][a-zA-Z0-9-]*$/),
  scope: oneOf('`route`, `session`', ['route', 'session']),
  serializer: oneOf('`json`, `msgpack`, `none` or empty', ['json', 'msgpack', 'none', '']),
  stage: words('stages of an actor or of the role queue, at most four'),
  state: words('states of a service or server, at most four'),
  status: matching('HTTP statuses', /^[1-5]\d\d$/),
  transport: words('transports of clients, at most four'),
  type: words('types of servers, or of records of the event log'),
  version: matching('the version of Hydra: one for each process', /^\d+\.\d+\.\d+/),
}
