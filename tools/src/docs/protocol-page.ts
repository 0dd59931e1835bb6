import {
  accountEndpoints,
  allEvents,
  allPushes,
  allRoutes,
  limits,
  publicRoutes,
  type AnyRoute,
  type ErrorCode,
  type Route,
  type RouteAuth,
} from '@hydra/protocol'
import { fieldTable } from './field-table.ts'
import { code, page, table } from './markdown.ts'
import { wireSection } from './wire-section.ts'

const authWords: Readonly<Record<RouteAuth, string>> = {
  none: 'no login',
  user: '`gate.session.login`',
  role: '`gate.session.login` and `game.role.enter`',
}

/** docs/protocol.md: everything that somebody needs who writes a client in another language. */
export function protocolPage(): string {
  return page([
    '# Protocol',
    '<!-- Written by `npm run docs` from libs/protocol. Edit the contracts, not this page. -->',
    [
      'How clients talk to Hydra: [accounts](#accounts) over HTTP, everything else over one WebSocket to a gate, whose',
      '[wire format](#wire-format) comes first. The same contracts for machines: [protocol.json](protocol.json).',
    ].join('\n'),
    overview(),
    ...wireSection(),
    ...accounts(),
    ...services(),
    ...pushesSection(),
    ...betweenServices(),
    '## Limits',
    table(
      ['limit', 'value'],
      Object.entries(limits).map(([name, value]) => [code(name), `${value}`]),
    ),
  ])
}

function overview(): string {
  const line = (name: string, contractCode: number, kind: string, summary: string) => [
    `[${name}](#${anchorOf(name)})`,
    `${contractCode}`,
    kind,
    summary,
  ]
  return table(
    ['route', 'code', 'kind', ''],
    [
      ...publicRoutes.map((route) => line(route.name, route.code, route.kind, route.summary)),
      ...allPushes.map((push) => line(push.name, push.code, 'push', push.summary)),
    ],
  )
}

const accounts = (): string[] => [
  '## Accounts',
  'Endpoints of the http service. Bodies and answers are JSON. An error has the HTTP status of its code and the body `{code, msg, metadata?}`.',
  ...Object.values(accountEndpoints).flatMap((endpoint) => [
    `### ${endpoint.method} ${endpoint.path}`,
    endpoint.summary,
    fieldTable(endpoint.method === 'GET' ? 'Query' : 'Body', endpoint.request, 'input'),
    fieldTable('Answer', endpoint.response, 'output'),
    errorsLine(endpoint.errors),
  ]),
]

/** Public routes, by service and feature. */
function services(): string[] {
  const parts: string[] = []
  let service = ''
  let feature = ''
  for (const route of publicRoutes) {
    const [routeService = '', routeFeature = ''] = route.name.split('.')
    if (routeService !== service) parts.push(`## ${routeService}`)
    if (routeService !== service || routeFeature !== feature)
      parts.push(`### ${routeService}.${routeFeature}`)
    service = routeService
    feature = routeFeature
    parts.push(...routeParts(route))
  }
  return parts
}

const routeParts = (route: Route): string[] => [
  `#### ${route.name}`,
  route.summary,
  `Code ${route.code} · ${route.kind} · needs ${authWords[route.auth]}`,
  fieldTable('Request', route.request, 'input'),
  ...(route.kind === 'notify'
    ? ['No answer.']
    : [fieldTable('Response', route.response, 'output'), errorsLine(route.errors)]),
]

const pushesSection = (): string[] => [
  '## Pushes',
  'What servers send unasked. Pushes to one client arrive in order with the responses to it.',
  ...allPushes.flatMap((push) => [
    `#### ${push.name}`,
    push.summary,
    `Code ${push.code} · push`,
    fieldTable('Payload', push.payload, 'output'),
  ]),
]

const betweenServices = (): string[] => [
  '## Between services',
  '**Not callable by clients**: a gate answers `ROUTE_UNKNOWN` to these names. Listed so that this page shows every contract.',
  table(
    ['call', ''],
    allRoutes.filter((route: AnyRoute) => route.internal).map(({ name, summary }) => [code(name), summary]),
  ),
  table(
    ['event', ''],
    allEvents.map(({ name, summary }) => [code(name), summary]),
  ),
]

const errorsLine = (errors: readonly ErrorCode[]) =>
  errors.length === 0
    ? 'Errors: only the [general ones](errors.md).'
    : `Errors: ${errors.map(code).join(', ')}, and the [general ones](errors.md).`

/** As GitHub makes it from a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
