import { mount } from 'svelte';
import '$shared/ui/base.css';
import './theme.css';
import './texts';
import App from './App.svelte';

mount(App, { target: document.getElementById('app')! });
