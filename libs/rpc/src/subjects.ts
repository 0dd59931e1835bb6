import { HydraError, type RouteName, type Service } from '@hydra/protocol'

const token = /^[A-Za-z0-9_-]{1,128}$/

/** Whether a string can be one token of a subject: the alphabet that every bus takes literally. */
export const isSubjectToken = (value: unknown): value is string =>
  typeof value === 'string' && token.test(value)

function tokenOf(what: string, value: string): string {
  if (token.test(value)) return value
  throw new HydraError(
    'BAD_REQUEST',
    `"${value.slice(0, 40)}" cannot name ${what}: 1 to 128 letters, digits, "-" or "_".`,
    { metadata: { path: what } },
  )
}

/** Where one server receives everything addressed to it: requests, notifies and the replies to its own calls. */
export const serverSubject = (env: string, type: Service, id: string): string =>
  `hydra.${tokenOf('an environment', env)}.srv.${tokenOf('a service', type)}.${tokenOf('a server', id)}`

/** Where the messages of a topic travel. */
export const topicSubject = (env: string, topic: string): string =>
  `hydra.${tokenOf('an environment', env)}.topic.${tokenOf('a topic', topic)}`

/** Where an event between services travels: the three parts of its name are three tokens. */
export const eventSubject = (env: string, name: RouteName): string =>
  `hydra.${tokenOf('an environment', env)}.event.${name
    .split('.')
    .map((part) => tokenOf('a part of an event name', part))
    .join('.')}`
