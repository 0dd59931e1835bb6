import { routes, services } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmbeddedHydra } from './embedded.fixture.ts'
import { newPlayer } from './new-player.ts'
import type { ReceivedSpan } from './otlp-spans.ts'
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts'
import { createRealCluster, realBackends, type RealCluster } from './real-cluster.ts'

const { rename } = routes.game.role

/** Every trace, and each span at once. */
const settings = (endpoint: string) => ({
  HYDRA_TRACING_ENDPOINT: endpoint,
  HYDRA_TRACING_SAMPLE_RATIO: '1',
  HYDRA_TRACING_BATCH_DELAY_MS: '20',
  HYDRA_ROLE_QUEUE_FLUSH_INTERVAL_MS: '50',
  HYDRA_ROLE_GRACE_MS: '200',
})

/** The spans of one trace, and each as its line of ancestors: `game.role.rename server hydra-gate > …`. */
class Trace {
  readonly spans: readonly ReceivedSpan[]

  constructor(all: readonly ReceivedSpan[], root: (span: ReceivedSpan) => boolean) {
    const traceId = all.find(root)?.traceId
    this.spans = all.filter((span) => span.traceId === traceId)
  }

  line(span: ReceivedSpan): string {
    const parent = this.spans.find(({ spanId }) => spanId === span.parentSpanId)
    const own = `${span.service.slice('hydra-'.length)}: ${span.name} (${span.kind})`
    return parent === undefined ? own : `${this.line(parent)} > ${own}`
  }

  lines(): string[] {
    return this.spans.map((span) => this.line(span))
  }
}

const ofGate = (route: string) => (span: ReceivedSpan) =>
  span.service === 'hydra-gate' && span.name === route && span.kind === 'server'

/** From the client's request to the turn of its role, whatever the backends are. */
const turn =
  'gate: game.role.rename (server) > gate: game.role.rename (client) > game: game.role.rename (server) > game: role turn (internal)'
const push = `${turn} > game: role queue push (internal)`
const flush = `${push} > game: role queue flush (internal)`

/** Renames a role and waits for the trace of that, up to the database. */
async function traceOfRename(httpUrl: string, receiver: OtlpReceiver, last: string): Promise<Trace> {
  const { client, name } = await newPlayer(httpUrl)
  await client.request(rename, { name: `${name}x` })
  const trace = () => new Trace(receiver.spans, ofGate(rename.name))
  await eventually(() => trace().lines().includes(last))
  await client.close()
  return trace()
}

describe('tracing in one process on embedded drivers', () => {
  let receiver: OtlpReceiver
  beforeAll(async () => {
    receiver = await startOtlpReceiver()
  })
  afterAll(() => receiver.close())

  describe('with every trace recorded', () => {
    const embedded = useEmbeddedHydra(() => settings(receiver.endpoint))

    it('shows a request from the gate to the database in one trace', async () => {
      const last = `${flush} > game: INSERT roles (client)`
      const trace = await traceOfRename(embedded.hydra.httpUrl, receiver, last)
      expect(trace.lines()).toEqual(
        expect.arrayContaining([
          turn,
          `${turn} > game: INSERT role_names (client)`,
          push,
          `${push} > game: role queue journal (internal)`,
          flush,
          last,
        ]),
      )
      const roots = trace.spans.filter(({ parentSpanId }) => parentSpanId === '')
      expect(roots.map(({ name, service }) => [name, service])).toEqual([[rename.name, 'hydra-gate']])
    })

    it('shows a lost connection up to the saved role in one trace', async () => {
      const { client } = await newPlayer(embedded.hydra.httpUrl)
      await client.close()
      const isRelease = ({ name }: ReceivedSpan) => name === 'session release'
      const left =
        'gate: session release (internal) > gate: game.role.leave (client) > game: game.role.leave (server)'
      const saved = `${left} > game: role turn (internal) > game: role queue save (internal)`
      await eventually(() => new Trace(receiver.spans, isRelease).lines().includes(saved))
    })

    it('goes on with the trace of who calls http, as that samples it', async () => {
      const accounts = (flags: string, traceId: string) =>
        fetch(`${embedded.hydra.httpUrl}/account/login`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            traceparent: `00-${traceId}-b7ad6b7169203331-${flags}`,
          },
          body: JSON.stringify({ username: 'nobody-at-all', password: 'correct horse battery' }),
        })
      const [seen, unseen] = ['0af7651916cd43dd8448eb211c80319c', '1bf7651916cd43dd8448eb211c80319c']
      expect((await accounts('00', unseen)).status).toBe(401)
      expect((await accounts('01', seen)).status).toBe(401)
      await eventually(() =>
        receiver.spans.some(({ traceId, kind }) => traceId === seen && kind === 'server'),
      )
      const span = receiver.spans.find(({ traceId, kind }) => traceId === seen && kind === 'server')
      expect(span).toMatchObject({
        service: 'hydra-http',
        name: 'POST /account/login',
        parentSpanId: 'b7ad6b7169203331',
        failed: false,
        attributes: { 'http.response.status_code': 401 },
      })
      const queries = receiver.spans.filter(({ parentSpanId }) => parentSpanId === span?.spanId)
      expect(queries.map(({ name }) => name)).toEqual(['SELECT accounts'])
      expect(receiver.spans.filter(({ traceId }) => traceId === unseen)).toEqual([])
    })
  })
})

describe.each(realBackends())('tracing of four processes on $name', ({ backends }) => {
  let receiver: OtlpReceiver
  let cluster: RealCluster

  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    cluster = await createRealCluster(backends, settings(receiver.endpoint))
    await Promise.all(services.map((service) => cluster.start(service)))
  }, 60_000)
  afterAll(async () => {
    await cluster.remove()
    await receiver.close()
  }, 30_000)

  it('shows a request from the gate to Redis and MySQL in one trace', { timeout: 60_000 }, async () => {
    const last = `${flush} > game: INSERT roles (client)`
    const trace = await traceOfRename(cluster.httpUrl, receiver, last)
    expect(trace.lines()).toEqual(
      expect.arrayContaining([
        `${turn} > game: INSERT role_names (client)`,
        `${push} > game: role queue journal (internal) > game: hydraRoleAppend (client)`,
        last,
        `${turn} > game: chat.presence.update (client) > chat: chat.presence.update (server)`,
      ]),
    )
    const systems = trace.spans.map(({ attributes }) => attributes['db.system.name'])
    expect(new Set(systems)).toEqual(new Set([undefined, 'redis', 'mysql']))
  })
})
