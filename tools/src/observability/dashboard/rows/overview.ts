import { of, sum, type Row } from '../panel.ts'

/** What is there, and whether it is well: what to look at first. */
export const overview: Row = {
  title: 'Overview',
  panels: [
    {
      title: 'Processes by state',
      description:
        'What each process answers to /readyz. Fewer than were started: look at "Up" and the logs of the missing one.',
      unit: 'short',
      isStacked: true,
      queries: [{ expr: sum('hydra_service_state', 'service, state'), legend: '{{service}} {{state}}' }],
    },
    {
      title: 'Up',
      description: '1 while Prometheus can scrape the process.',
      unit: 'short',
      queries: [{ expr: of('up'), legend: '{{service}} {{instance}}' }],
    },
    {
      title: 'Failing checks',
      description: 'Processes in which a check of /readyz fails: which backend is missing, and to how many.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (check) (1 - ${of('hydra_service_check_ok')})`,
          legend: '{{check}}',
        },
      ],
    },
    {
      title: 'Versions',
      description: 'Processes by version; two versions for long mean an upgrade that has stopped half way.',
      unit: 'short',
      kind: 'stat',
      queries: [
        {
          expr: `count by (version, node) (${of('hydra_build_info')})`,
          legend: '{{version}} on Node.js {{node}}',
        },
      ],
    },
  ],
}
