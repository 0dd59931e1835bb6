import type { Metrics } from '@hydra/runtime'

/** What both drivers show at each scrape. */
export interface BusGauges {
  connected(): boolean
  bufferedBytes(): number
}

/** Names the metrics that every bus has. */
export function observeBus(metrics: Metrics, bus: BusGauges): void {
  metrics.gauge({
    name: 'hydra_bus_connected',
    help: '1 while messages can be sent, 0 while the connection to the bus is lost.',
    collect: () => Number(bus.connected()),
  })
  metrics.gauge({
    name: 'hydra_bus_buffered_bytes',
    help: 'Bytes published and not yet taken by the bus.',
    collect: () => bus.bufferedBytes(),
  })
}
