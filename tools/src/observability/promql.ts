import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

/** A metric that an expression reads. */
export interface Selector {
  readonly metric: string
  readonly labels: readonly string[]
  /** The function right around it, for example `rate`, or `unless` for a side of that operator; else empty. */
  readonly within: string
  /** Values of `label="value"`. */
  readonly equal: Readonly<Record<string, string>>
}

/** What an expression depends on. */
export interface Reading {
  readonly selectors: readonly Selector[]
  /** Labels of `by`, `without`, `on`, `ignoring` and `group_left`. */
  readonly groupings: readonly string[]
}

/**
 * Parses PromQL with the grammar of Prometheus' own editor and tells which metrics and labels it reads.
 *
 * @throws Error with the place, for an expression that is none.
 * @example readPromql('sum by (route) (rate(hydra_gate_requests_total{code="INTERNAL"}[5m]))')
 */
export function readPromql(expression: string): Reading {
  const text = (node: SyntaxNode) => expression.slice(node.from, node.to)
  const selectors: Selector[] = []
  const groupings: string[] = []
  const tree = parser.parse(expression)
  tree.iterate({
    enter({ from, type }) {
      if (type.isError) throw new Error(`No PromQL at ${from}: ${expression}`)
    },
  })
  tree.iterate({
    enter({ node, type }) {
      if (type.name === 'GroupingLabels') groupings.push(...node.getChildren('LabelName').map(text))
      if (type.name === 'VectorSelector') selectors.push(readSelector(node, text))
    },
  })
  return { selectors, groupings }
}

function readSelector(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const name = node.getChild('Identifier')
  if (name === null) throw new Error(`A selector without the name of a metric: ${text(node)}`)
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  const labels: string[] = []
  const equal: Record<string, string> = {}
  for (const matcher of matchers) {
    const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) =>
      matcher.getChild(part),
    )
    if (!label || !operator || !value) throw new Error(`A matcher without label or value: ${text(matcher)}`)
    labels.push(text(label))
    if (text(operator) === '=') equal[text(label)] = text(value).slice(1, -1)
  }
  let around: SyntaxNode | null = node.parent
  while (
    around !== null &&
    ['MatrixSelector', 'FunctionCallBody', 'ParenExpr', 'SubqueryExpr', 'OffsetExpr'].includes(around.name)
  )
    around = around.parent
  const call = around?.name === 'FunctionCall' ? around.getChild('FunctionIdentifier') : null
  const isSideOfUnless = around?.name === 'BinaryExpr' && around.getChild('Unless') !== null
  return { metric: text(name), labels, within: call ? text(call) : isSideOfUnless ? 'unless' : '', equal }
}
