/** The version of Hydra that runs, as in package.json; a constant, because a bundle has no package.json beside it. */
export const version = '0.1.0'
