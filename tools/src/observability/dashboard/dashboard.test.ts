import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCatalogue } from '../catalogue.ts'
import { misfits } from '../check-expression.ts'
import { foreignMetrics } from '../foreign-metrics.ts'
import { readPromql } from '../promql.ts'
import { overviewDashboard } from './dashboard.ts'
import { plainPromql, queriesOf, type DashboardJson } from './dashboard-queries.ts'

const root = join(import.meta.dirname, '../../../..')
const known = { catalogue: readCatalogue(root), foreign: foreignMetrics }
const dashboard = JSON.parse(overviewDashboard()) as DashboardJson
const queries = queriesOf(dashboard)

describe('the dashboard', () => {
  it.each(queries)('$title: $expr asks for what the services export', ({ expr, legend }) => {
    const expression = plainPromql(expr)
    expect(misfits(expression, known)).toEqual([])
    const { groupings, selectors } = readPromql(expression)
    // Without a grouping everything that the metric has is left for the legend.
    const usable = groupings.length > 0 ? groupings : [...(selectors[0]?.labels ?? []), 'service', 'instance']
    for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g)) expect(usable).toContain(label)
  })

  it('lets the reader choose services and instances in every panel', () => {
    for (const { expr } of queries) {
      for (const { labels } of readPromql(plainPromql(expr)).selectors) {
        expect(labels).toEqual(expect.arrayContaining(['service', 'instance']))
      }
    }
  })

  it('has panels that do not overlap, each with its own id', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const taken = new Set<string>()
    for (const { gridPos } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x}/${y}`)).toBe(false)
          taken.add(`${x}/${y}`)
          expect(x).toBeLessThan(24)
        }
      }
    }
  })

  it('shows every metric of Hydra, or it is on the list of those that need no panel', () => {
    const withoutPanel = [
      // Counted for completeness; what they tell shows in others.
      'hydra_chat_history_reads_total',
      'hydra_chat_messages_deleted_total',
      'hydra_chat_words',
      'hydra_event_log_buffered_bytes',
      'hydra_game_ledger_pages_total',
      'hydra_game_teams_told_again_total',
      'hydra_gate_packets_total',
      'hydra_gate_releases_total',
      'hydra_rpc_batch_frames',
      'hydra_rpc_handled_total',
      'hydra_rpc_received_bytes_total',
      'hydra_rpc_sent_bytes_total',
      'hydra_scene_ended_total',
    ]
    const shown = new Set(
      queries.flatMap(({ expr }) =>
        readPromql(plainPromql(expr)).selectors.map(({ metric }) =>
          metric.replace(/_(bucket|sum|count)$/, ''),
        ),
      ),
    )
    const ours = known.catalogue.metrics.map(({ name }) => name).filter((name) => name.startsWith('hydra_'))
    expect(ours.filter((name) => !shown.has(name))).toEqual(withoutPanel)
  })
})
