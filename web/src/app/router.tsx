import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { session } from '../api/session';
import { useStore } from '../store';
import { Crashed } from './Crashed';
import { NotFound } from './NotFound';
import { ProtectedRoute } from './ProtectedRoute';
import { addressOf, mayOpen, type Page, pages } from './page';
import { Shell } from './Shell';

/** The first page that the caller may open. */
function Home() {
  const now = useStore(session);
  if (now.state !== 'in') return null;
  const first = pages.find((page) => mayOpen(page, now.me, now.acting));
  return first ? <Navigate to={addressOf(first)} replace /> : <NotFound />;
}

/** A page whose address somebody typed may be none of theirs. */
function Gate({ page, children }: { page: Page; children: React.ReactNode }) {
  const now = useStore(session);
  if (now.state !== 'in') return null;
  return mayOpen(page, now.me, now.acting) ? children : <NotFound />;
}

const routes: RouteObject[] = pages.map((page) => ({
  path: page.path,
  lazy: async () => {
    const { default: Content } = await page.load();
    return {
      Component: () => (
        <Gate page={page}>
          <Content />
        </Gate>
      ),
    };
  },
}));

export const router = createBrowserRouter([
  {
    path: '/login',
    errorElement: <Crashed />,
    HydrateFallback: () => null,
    lazy: async () => ({ Component: (await import('../pages/login/Login')).Login }),
  },
  {
    path: '/invite',
    errorElement: <Crashed />,
    HydrateFallback: () => null,
    lazy: async () => ({ Component: (await import('../pages/invite/Invite')).Invite }),
  },
  {
    path: '/',
    errorElement: <Crashed />,
    HydrateFallback: () => null,
    Component: () => (
      <ProtectedRoute>
        <Shell />
      </ProtectedRoute>
    ),
    children: [
      {
        errorElement: <Crashed />,
        children: [{ index: true, Component: Home }, ...routes, { path: '*', Component: NotFound }],
      },
    ],
  },
]);
