import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import '@mantine/charts/styles.css';
import './app/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { start } from './api/session';
import { App } from './app/App';
import { forgetOld } from './local';
import { startDropping } from './media/dropped';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');

forgetOld();
void start();
startDropping();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
