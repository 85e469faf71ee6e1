/** The administration's pages, and what one must be permitted to open them. */
export const ADMIN_PAGES = [
  { page: 'admin', needs: 'user.admin' },
  { page: 'devices', needs: 'user.admin' },
  { page: 'install', needs: 'user.admin' },
  { page: 'guests', needs: 'guest.invite' },
  { page: 'audit', needs: 'audit.read' },
] as const;
