/** What is read of Grafana's JSON. */
export interface DashboardJson {
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] }
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

/** One query of a dashboard. */
export interface DashboardQuery {
  readonly title: string
  readonly expr: string
  readonly legend: string
}

/** Every query of a dashboard, those of its annotations included. */
export const queriesOf = ({ annotations, panels }: DashboardJson): readonly DashboardQuery[] => [
  ...annotations.list.map(({ name, expr }) => ({ title: name, expr, legend: '' })),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
  ),
]

/** PromQL without the variables of Grafana: everything is chosen. */
export const plainPromql = (expr: string, rateInterval = '5m'): string =>
  expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$service', '.*').replaceAll('$instance', '.*')
