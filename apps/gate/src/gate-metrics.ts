import { Outcomes, type Counter, type LabelledValue, type Metrics } from '@hydra/runtime'

/** Everything a gate counts. Routes that are no contract's are counted as `unknown`, so that clients add no labels. */
export interface GateMetrics {
  readonly handshakes: Counter
  /** Requests and notifies of clients. */
  readonly requests: Outcomes
  readonly rateLimited: Counter
  readonly dropped: Counter
  readonly pushes: Counter
  readonly kicks: Counter
  readonly resumes: Counter
  readonly closes: Counter
  readonly releases: Counter
  readonly traffic: Traffic
}

/** What is asked for at each scrape. */
export interface GateLiveValues {
  readonly connections: () => readonly LabelledValue[]
  readonly backpressure: () => { readonly connections: number; readonly bytes: number }
  readonly releasing: () => number
  readonly parked: () => number
  readonly replayBytes: () => number
}

/** Names every metric of a gate. */
export function createGateMetrics(metrics: Metrics, live: GateLiveValues): GateMetrics {
  metrics.gauge({
    name: 'hydra_gate_connections',
    help: 'Connections by transport and serializer (none before the handshake), those that have not logged in included.',
    labels: ['transport', 'serializer'],
    collect: live.connections,
  })
  metrics.gauge({
    name: 'hydra_gate_releasing',
    help: 'Ended sessions whose role or record is still being released.',
    collect: live.releasing,
  })
  metrics.gauge({
    name: 'hydra_gate_backpressured_connections',
    help: 'Connections whose clients have not taken yet what was sent to them.',
    collect: () => live.backpressure().connections,
  })
  metrics.gauge({
    name: 'hydra_gate_backpressure_bytes',
    help: 'Bytes sent that clients have not taken yet.',
    collect: () => live.backpressure().bytes,
  })
  metrics.gauge({
    name: 'hydra_gate_parked_sessions',
    help: 'Lost sessions that are kept for their clients.',
    collect: live.parked,
  })
  metrics.gauge({
    name: 'hydra_gate_replay_bytes',
    help: 'Bytes of pushes kept for clients that come back.',
    collect: live.replayBytes,
  })
  return {
    handshakes: metrics.counter({
      name: 'hydra_gate_handshakes_total',
      help: 'Handshakes by transport, result and, if accepted, serializer.',
      labels: ['transport', 'result', 'serializer'],
    }),
    requests: new Outcomes(
      metrics.counter({
        name: 'hydra_gate_requests_total',
        help: 'Requests and notifies of clients, by route and outcome.',
        labels: ['route', 'code'],
      }),
      metrics.histogram({
        name: 'hydra_gate_request_seconds',
        help: 'From the arrival of a request to its response.',
        labels: ['route'],
      }),
    ),
    rateLimited: metrics.counter({
      name: 'hydra_gate_rate_limited_total',
      help: 'Messages refused by a rate limit: that of the session, or that of the route.',
      labels: ['scope'],
    }),
    dropped: metrics.counter({
      name: 'hydra_gate_dropped_total',
      help: 'Packets that no client got: it had gone before its answer came, or did not read (slow-consumer).',
      labels: ['reason'],
    }),
    pushes: metrics.counter({
      name: 'hydra_gate_pushes_total',
      help: 'Pushes handed to connections, by route.',
      labels: ['route'],
    }),
    kicks: metrics.counter({
      name: 'hydra_gate_kicks_total',
      help: 'Clients that were told why before they were closed, by reason.',
      labels: ['reason'],
    }),
    resumes: metrics.counter({
      name: 'hydra_gate_resumes_total',
      help: 'Clients that came back for a lost session: replayed, gone (not here any more), lost (missed too much), failed.',
      labels: ['outcome'],
    }),
    closes: metrics.counter({
      name: 'hydra_gate_closes_total',
      help: 'Ended connections by reason.',
      labels: ['reason'],
      known: [{ reason: 'SLOW_CONSUMER' }],
    }),
    releases: metrics.counter({
      name: 'hydra_gate_releases_total',
      help: 'Roles left and session records released after a session ended, by outcome.',
      labels: ['outcome'],
    }),
    traffic: new Traffic(metrics),
  }
}

/**
 * Counts packets and bytes. These happen far more often than anything else, so they are summed up in plain numbers
 * and handed to the counters from time to time.
 */
export class Traffic {
  readonly #packets: Counter
  readonly #bytes: Counter
  #receivedPackets = 0
  #receivedBytes = 0
  #sentPackets = 0
  #sentBytes = 0

  constructor(metrics: Metrics) {
    this.#packets = metrics.counter({
      name: 'hydra_gate_packets_total',
      help: 'Packets by direction.',
      labels: ['direction'],
    })
    this.#bytes = metrics.counter({
      name: 'hydra_gate_bytes_total',
      help: 'Bytes of packets by direction.',
      labels: ['direction'],
    })
  }

  received(bytes: number): void {
    this.#receivedPackets++
    this.#receivedBytes += bytes
  }

  /** Notes a packet that went to `receivers` connections. */
  sent(bytes: number, receivers = 1): void {
    this.#sentPackets += receivers
    this.#sentBytes += bytes * receivers
  }

  /** Hands the sums to the counters. */
  flush(): void {
    this.#packets.inc({ direction: 'in' }, this.#receivedPackets)
    this.#bytes.inc({ direction: 'in' }, this.#receivedBytes)
    this.#packets.inc({ direction: 'out' }, this.#sentPackets)
    this.#bytes.inc({ direction: 'out' }, this.#sentBytes)
    this.#receivedPackets = this.#receivedBytes = this.#sentPackets = this.#sentBytes = 0
  }
}
