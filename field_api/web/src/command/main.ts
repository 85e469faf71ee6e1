import { mount } from 'svelte';
import '$shared/ui/base.css';
import './theme.css';
import './texts';
import './tour/tour.svelte'; // reads the address before the desk changes it
import App from './App.svelte';
import { freshness } from './freshness.svelte';

freshness.watch();

mount(App, { target: document.getElementById('app')! });
