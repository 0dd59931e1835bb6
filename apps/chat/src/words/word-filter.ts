/** What is done about words that must not be said. The list behind it can change at any time. */
export interface WordFilter {
  /**
   * The text with each character of such words replaced by `*`: one for each character as a reader sees it, so that a
   * text never has more characters than before. What stands between the letters of a word stays. Cleaning twice changes
   * nothing more.
   *
   * @example words.clean('敏 感 词!') // '* * *!'
   */
  clean(text: string): string
  /** Whether a text has such words: for names, which are refused rather than changed. */
  isClean(text: string): boolean
}
