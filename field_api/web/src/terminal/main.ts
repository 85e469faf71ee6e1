import '$shared/ui/base.css';
