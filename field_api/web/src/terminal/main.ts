import { mount } from 'svelte';
import '$shared/ui/base.css';
import './theme.css';
import './inspections/texts';
import './texts';
import '../features/tasks/texts';
import App from './App.svelte';
import { registerWorker } from './offline';

mount(App, { target: document.getElementById('app')! });
void registerWorker();
