/**
 * What is unique about a name: two names that look alike to a player by case or by compatibility forms (Unicode
 * NFKC) have one key.
 */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC')
