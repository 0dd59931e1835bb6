import {
  accountEndpoints,
  allPushes,
  disconnectReasons,
  errorBodySchema,
  errorCodes,
  handshakeCode,
  handshakeRequest,
  handshakeResponse,
  kickBody,
  limits,
  packetType,
  publicRoutes,
  serializers,
  type Route,
} from '@hydra/protocol'
import type * as z from 'zod'
import { toJsonSchema } from './json-schema.ts'

const input = (schema: z.ZodType) => toJsonSchema(schema, 'input')
const output = (schema: z.ZodType) => toJsonSchema(schema, 'output')

/**
 * docs/protocol.json: the public contracts for generators of clients in other languages. In the form of OpenRPC
 * (https://spec.open-rpc.org), whose `params` by name are the fields of the body; what OpenRPC has no word for begins
 * with `x-`.
 */
export function protocolJson(version: string): string {
  const document = {
    openrpc: '1.3.2',
    info: {
      title: 'Hydra client protocol',
      version,
      description: 'Written by `npm run docs` from libs/protocol. Edit the contracts, not this file.',
    },
    methods: publicRoutes.map(method),
    'x-pushes': allPushes.map(({ name, code, summary, payload }) => ({
      name,
      summary,
      'x-code': code,
      payload: output(payload),
    })),
    'x-http': Object.values(accountEndpoints).map(({ method, path, summary, request, response, errors }) => ({
      method,
      path,
      summary,
      [method === 'GET' ? 'query' : 'body']: input(request),
      answer: output(response),
      'x-errors': errors,
    })),
    'x-wire': {
      packetTypes: packetType,
      serializers,
      handshake: {
        codes: handshakeCode,
        request: input(handshakeRequest),
        response: output(handshakeResponse),
      },
      kick: output(kickBody),
      kickCodes: disconnectReasons,
      error: output(errorBodySchema),
    },
    'x-error-codes': errorCodes,
    'x-limits': limits,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function method({ name, code, kind, auth, summary, request, response, errors }: Route) {
  const body = input(request)
  return {
    name,
    summary,
    paramStructure: 'by-name',
    params: Object.entries(body.properties ?? {}).map(([field, schema]) => ({
      name: field,
      required: body.required?.includes(field) === true,
      schema,
    })),
    ...(kind === 'notify' ? {} : { result: { name: 'response', schema: output(response) } }),
    'x-code': code,
    'x-kind': kind,
    'x-auth': auth,
    'x-errors': errors,
  }
}
