import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { ManualClock } from './manual-clock.ts'
import { observeReadiness } from './readiness-metrics.ts'
import { Readiness } from './readiness.ts'

test('shows what /readyz would answer, at each scrape', async () => {
  const metrics = createMetrics({ service: 'chat' })
  const readiness = new Readiness({ clock: new ManualClock() })
  observeReadiness(metrics, readiness)
  let isUp = true
  readiness.add({
    name: 'redis',
    check() {
      if (!isUp) throw new Error('gone')
    },
  })
  const states = async () =>
    [...(await metrics.expose()).matchAll(/^hydra_service_state\{state="(\w+)",service="chat"\} 1$/gm)].map(
      ([, state]) => state,
    )
  const redis = async () =>
    /^hydra_service_check_ok\{check="redis",service="chat"\} (\d)$/m.exec(await metrics.expose())?.[1]
  expect(await states()).toEqual(['starting'])
  readiness.started()
  expect(await states()).toEqual(['ready'])
  expect(await redis()).toBe('1')
  isUp = false
  expect(await states()).toEqual(['failing'])
  expect(await redis()).toBe('0')
  readiness.drain()
  expect(await states()).toEqual(['draining'])
})
