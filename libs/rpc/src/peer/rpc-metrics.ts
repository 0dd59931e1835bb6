import { Outcomes, type Counter, type CounterChild, type HistogramChild, type Metrics } from '@hydra/runtime'

/** What a peer measures. Routes that are no contract's are counted as `unknown`, so that nobody can add labels. */
export interface RpcMetrics {
  /** Calls sent. */
  readonly calls: Outcomes
  /** Calls and notifies handled or refused here. */
  readonly handled: Outcomes
  readonly batchFrames: HistogramChild
  readonly sentBytes: CounterChild
  readonly receivedBytes: CounterChild
  readonly lateReplies: CounterChild
  readonly dropped: Counter
}

/** Names every metric of a peer. */
export function createRpcMetrics(
  metrics: Metrics,
  live: { inFlight: () => number; handling: () => number; heldBytes: () => number },
): RpcMetrics {
  metrics.gauge({
    name: 'hydra_rpc_in_flight',
    help: 'Calls sent and not yet answered.',
    collect: live.inFlight,
  })
  metrics.gauge({
    name: 'hydra_rpc_handling',
    help: 'Calls being handled.',
    collect: live.handling,
  })
  metrics.gauge({
    name: 'hydra_rpc_held_bytes',
    help: 'Bytes of calls and replies that wait for a lost connection.',
    collect: live.heldBytes,
  })
  return {
    calls: new Outcomes(
      metrics.counter({
        name: 'hydra_rpc_calls_total',
        help: 'Calls sent, by route and outcome.',
        labels: ['route', 'code'],
      }),
      metrics.histogram({
        name: 'hydra_rpc_call_seconds',
        help: 'From sending a call to its outcome.',
        labels: ['route'],
      }),
    ),
    handled: new Outcomes(
      metrics.counter({
        name: 'hydra_rpc_handled_total',
        help: 'Calls and notifies handled or refused here, by route and outcome.',
        labels: ['route', 'code'],
      }),
      metrics.histogram({
        name: 'hydra_rpc_handle_seconds',
        help: 'From the arrival of a call to its reply.',
        labels: ['route'],
      }),
    ),
    batchFrames: metrics
      .histogram({
        name: 'hydra_rpc_batch_frames',
        help: 'Frames that left in one bus message.',
        buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
      })
      .child({}),
    sentBytes: metrics
      .counter({ name: 'hydra_rpc_sent_bytes_total', help: 'Bytes handed to the bus.' })
      .child({}),
    receivedBytes: metrics
      .counter({ name: 'hydra_rpc_received_bytes_total', help: 'Bytes from the bus.' })
      .child({}),
    lateReplies: metrics
      .counter({
        name: 'hydra_rpc_late_replies_total',
        help: 'Replies that nobody waited for any more.',
      })
      .child({}),
    dropped: metrics.counter({
      name: 'hydra_rpc_dropped_total',
      help: 'Bus messages and frames dropped: of a form that is not ours, or not sendable.',
      labels: ['reason'],
    }),
  }
}
