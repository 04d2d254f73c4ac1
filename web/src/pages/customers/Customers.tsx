import { useParams } from 'react-router';
import { CustomerList } from './CustomerList';
import { CustomerPage } from './CustomerPage';
import { Fields } from './Fields';

/** All customers, or the one that the address names. */
export default function Customers() {
  const { customer } = useParams();
  if (customer === 'fields') return <Fields />;
  return customer ? <CustomerPage key={customer} id={customer} /> : <CustomerList />;
}
