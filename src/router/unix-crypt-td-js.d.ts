declare module 'unix-crypt-td-js' {
  /** crypt(3) with DES. @param password bytes; eight of them count */
  export default function unixCrypt(password: readonly number[], salt: string): string
}
