{% extends "base.tpl" %}
{% block title %}{{ code }} {{ title }}{% endblock %}
{% block body %}<p id="error-{{ code }}">{{ message | visible }}</p>{% endblock %}
