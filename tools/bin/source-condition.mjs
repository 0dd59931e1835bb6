// A module hook: resolves the packages of this repository to their TypeScript, like node --conditions=source.
export const resolve = (specifier, context, next) =>
  next(specifier, { ...context, conditions: [...context.conditions, 'source'] })
