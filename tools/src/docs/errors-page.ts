import { accountEndpoints, errorCodes, publicRoutes, type ErrorCode } from '@hydra/protocol'
import { code, page, table } from './markdown.ts'

/** Who names an error code in its contract: routes and HTTP endpoints. Empty for general codes. */
export function namedBy(errorCode: ErrorCode): string[] {
  return [
    ...Object.values(accountEndpoints)
      .filter(({ errors }) => errors.includes(errorCode))
      .map(({ method, path }) => `${method} ${path}`),
    ...publicRoutes.filter(({ errors }) => errors.includes(errorCode)).map(({ name }) => name),
  ]
}

/** docs/errors.md: every code that crosses an edge. */
export function errorsPage(): string {
  const codes = Object.keys(errorCodes) as ErrorCode[]
  const general = codes.filter((each) => namedBy(each).length === 0)
  const specific = codes.filter((each) => namedBy(each).length > 0)
  return page([
    '# Errors',
    '<!-- Written by `npm run docs` from libs/protocol/src/error-codes.ts. Edit that, not this page. -->',
    [
      'Every error is `{code, msg, metadata?}`: branch on `code`, show `msg` to a person, use `metadata` in a program. It',
      'is the body of a response with the error flag, or of an HTTP answer with the status given here. *Again* marks codes',
      'after which the same request may succeed when it is sent again later.',
    ].join('\n'),
    '## Named by a contract',
    table(
      ['code', 'HTTP', 'again', 'meaning', 'used by'],
      specific.map((each) => cells(each).concat(namedBy(each).map(code).join(', '))),
    ),
    '## General',
    'Any route may answer with these; some occur at start or in a client only, as their meaning says.',
    table(['code', 'HTTP', 'again', 'meaning'], general.map(cells)),
  ])
}

function cells(errorCode: ErrorCode): string[] {
  const { httpStatus, retryable, meaning } = errorCodes[errorCode]
  return [code(errorCode), `${httpStatus}`, retryable ? 'yes' : '', meaning]
}
